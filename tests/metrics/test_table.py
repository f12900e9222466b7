"""The table of measures and its CSV file."""

import csv
import stat

import numpy as np
import pytest

import samcell_core as sc
from samcell_core.metrics import Table, measure


@pytest.fixture
def table():
    return Table({"id": [3, 1, 2], "size": [0.1, np.nan, 1e-7], "edge": [True, False, True]})


def test_length_is_the_number_of_rows(table):
    assert len(table) == 3


def test_a_table_without_columns_has_no_rows():
    assert len(Table({})) == 0


def test_rows_are_dicts_of_python_values(table):
    assert next(iter(table)) == {"id": 3, "size": 0.1, "edge": True}
    assert [type(value) for value in next(iter(table)).values()] == [int, float, bool]


def test_columns_cannot_be_changed(table):
    with pytest.raises(ValueError, match="read-only"):
        table["id"][0] = 5


def test_later_changes_of_the_input_do_not_reach_the_table():
    values = np.array([1, 2])
    table = Table({"id": values})
    values[0] = 9
    assert table["id"].tolist() == [1, 2]


def test_columns_of_unequal_length_are_refused():
    with pytest.raises(ValueError, match="equal length"):
        Table({"a": [1], "b": [1, 2]})


def test_an_unknown_column_is_named_with_those_that_exist(table):
    with pytest.raises(KeyError, match=r"'area'.*id, size, edge"):
        table["area"]


def test_sorting_puts_the_smallest_first_and_nan_last(table):
    assert table.sorted_by("size")["id"].tolist() == [2, 3, 1]


def test_rows_with_other_columns_are_filled_with_nan():
    table = Table.from_rows([{"a": 1}, {"a": 2, "b": 3}])
    assert np.isnan(table["b"]).tolist() == [True, False]


def test_dict_gives_all_columns_in_order(table):
    assert list(dict(table)) == ["id", "size", "edge"]


def test_csv_is_written_with_line_feeds_nan_and_ones_for_true(table, tmp_path):
    table.to_csv(tmp_path / "cells.csv")
    content = (tmp_path / "cells.csv").read_bytes()
    assert content == b"id,size,edge\n3,0.1,1\n1,NaN,0\n2,1e-07,1\n"


def test_numbers_in_the_csv_are_read_back_exactly(crowd, grey, tmp_path):
    table = measure(labels=crowd, image=grey, pixel_size=(0.3, 0.3))
    table.to_csv(tmp_path / "cells.csv")
    with (tmp_path / "cells.csv").open(encoding="utf-8", newline="") as stream:
        header, *rows = csv.reader(stream)
    columns = np.array(rows, dtype=float).T
    assert header == list(table.names)
    for name, column in zip(header, columns, strict=True):
        np.testing.assert_array_equal(column, table[name].astype(float))


def test_a_table_without_rows_is_written_with_its_header(tmp_path):
    measure(labels=np.zeros((3, 3), int)).to_csv(tmp_path / "none.csv")
    assert (tmp_path / "none.csv").read_text(encoding="utf-8").startswith("id,plane,centroid_y,")


def test_a_failed_write_leaves_the_old_file_and_no_rest(tmp_path, monkeypatch):
    (tmp_path / "cells.csv").write_text("old", encoding="utf-8")

    class Unprintable:
        def __str__(self):
            raise OSError("disk full")

    broken = Table({"id": np.array([Unprintable()])})
    with pytest.raises(sc.SamcellError, match=r"cells\.csv \(disk full\)"):
        broken.to_csv(tmp_path / "cells.csv", overwrite=True)
    assert [path.name for path in tmp_path.iterdir()] == ["cells.csv"]
    assert (tmp_path / "cells.csv").read_text(encoding="utf-8") == "old"


def test_a_missing_folder_is_said_with_the_way_out(table, tmp_path):
    with pytest.raises(sc.SamcellError, match="give a folder that exists"):
        table.to_csv(tmp_path / "nowhere" / "cells.csv")


def test_the_csv_is_as_open_as_any_new_file(table, tmp_path):
    (tmp_path / "plain").touch()
    table.to_csv(tmp_path / "cells.csv")
    modes = {stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("plain", "cells.csv")}
    assert len(modes) == 1
