"""Tables of a real ImageJ."""

import numpy as np
import pandas
import pytest

import samcell_core as sc

COLUMNS = {
    "id": np.array([1, 2, 3]),
    "area": np.array([30.5, np.nan, 1 / 3]),
    "inside": np.array([True, False, True]),
    "image": np.array(["a b.tif", 'ä,"c".tif', "NaN"]),
}


def test_a_table_comes_back_with_the_same_values(connection):
    back = connection.from_table(connection.to_table(sc.Table(COLUMNS), "Cells"))
    assert back.names == tuple(COLUMNS)
    for name, values in COLUMNS.items():
        np.testing.assert_array_equal(back[name], values)


def test_a_measured_segmentation_comes_back_with_the_same_values(connection, blobs):
    table = sc.measure(labels=blobs(), image=np.arange(60 * 70).reshape(60, 70), pixel_size=0.5)
    back = connection.from_table(connection.to_table(table, "Cells"))
    assert back.names == table.names
    for name in table.names:
        np.testing.assert_array_equal(back[name], table[name])


def test_a_data_frame_goes_in_too(connection):
    frame = pandas.DataFrame({"id": [1, 2], "area": [2.5, 3.5]})
    back = connection.from_table(connection.to_table(frame, "Cells"))
    pandas.testing.assert_frame_equal(pandas.DataFrame(dict(back)), frame.astype(float))


def test_a_table_without_rows_keeps_its_columns(connection):
    empty = sc.Table({name: values[:0] for name, values in COLUMNS.items()})
    back = connection.from_table(connection.to_table(empty, "Cells"))
    assert (back.names, len(back)) == (empty.names, 0)


def test_macros_see_the_table_of_results(connection):
    connection.to_table({"area": [1.5, 2.5]})
    assert connection.run_macro('return "" + nResults + " " + getResult("area", 1);') == "2 2.5"


def test_a_table_is_read_by_the_title_of_its_window(connection):
    connection.run_macro('Table.create("Cells"); Table.set("x", 0, 7.25, "Cells");')
    assert connection.from_table("Cells")["x"].tolist() == [7.25]


def test_labels_of_rows_are_a_column(connection):
    connection.run_macro('setResult("Label", 0, "a"); setResult("x", 0, 1); updateResults();')
    assert connection.from_table()["Label"].tolist() == ["a"]


def test_rows_of_an_open_table_are_not_replaced_unasked(connection):
    connection.to_table({"area": [1.5, 2.5]})
    with pytest.raises(sc.SamcellError, match="The table Results holds 2 rows"):
        connection.to_table({"area": [3.5]})
    connection.to_table({"area": [3.5]}, overwrite=True)
    assert connection.from_table()["area"].tolist() == [3.5]


def test_a_table_that_is_not_open_is_refused(connection):
    with pytest.raises(sc.SamcellError, match="no open table nowhere"):
        connection.from_table("nowhere")


def test_what_is_no_table_is_refused(connection):
    with pytest.raises(sc.SamcellError, match="A int is no table"):
        connection.to_table(3)


def test_whole_numbers_that_imagej_cannot_hold_are_refused(connection):
    with pytest.raises(sc.SamcellError, match="The column big holds whole numbers above"):
        connection.to_table({"big": np.array([2**53 + 1])})
