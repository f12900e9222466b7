"""GeoJSON for QuPath: exact outlines, valid geometry, what other files may hold."""

from __future__ import annotations

import json
import time

import hypothesis.extra.numpy as from_numpy
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import shape as geometry_of

import imagej_bridge as ib
from samcell_core import ImageError, SamcellError, measure

SQUARE = [[1, 1], [4, 1], [4, 4], [1, 4], [1, 1]]


def collection(*geometries: dict, properties: dict | None = None) -> bytes:
    features = [
        {"type": "Feature", "geometry": geometry, "properties": properties}
        for geometry in geometries
    ]
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


@given(
    labels=from_numpy.arrays(
        np.uint16,
        from_numpy.array_shapes(min_dims=3, max_dims=3, min_side=1, max_side=6),
        elements=st.integers(0, 3),
    )
)
def test_a_stack_comes_back_as_it_was(labels, tmp_path_factory):
    path = tmp_path_factory.mktemp("geojson") / "a.geojson"
    ib.write_geojson(path, labels, axes="TYX")
    back = ib.read_geojson(path, labels.shape, axes="TYX")
    np.testing.assert_array_equal(back.labels, labels)
    assert back.overlapping == 0


def test_blobs_with_holes_and_parts_come_back_as_they_were(blobs, tmp_path):
    labels = blobs((120, 130), cells=30)
    count = ib.write_geojson(tmp_path / "a.geojson", labels)
    np.testing.assert_array_equal(
        ib.read_geojson(tmp_path / "a.geojson", labels.shape).labels, labels
    )
    assert count == len(np.unique(labels)) - 1


def test_every_geometry_is_valid_and_of_the_area_of_its_cell(blobs, tmp_path):
    labels = blobs()
    ib.write_geojson(tmp_path / "a.geojson", labels)
    for feature in json.loads((tmp_path / "a.geojson").read_text())["features"]:
        geometry = geometry_of(feature["geometry"])
        label = feature["properties"]["measurements"]["label"]
        assert geometry.is_valid
        assert geometry.area == np.count_nonzero(labels == label)


def test_features_are_what_qupath_expects(tmp_path):
    labels = np.zeros((2, 3, 4, 5), np.uint8)
    labels[1, 2, 1:3, 1:3] = 7
    ib.write_geojson(
        tmp_path / "a.geojson",
        labels,
        axes="TZYX",
        names=["mine"],
        confidence=[0.5],
        measurements={"area": [4], "mean": [np.nan]},
    )
    (feature,) = json.loads((tmp_path / "a.geojson").read_text())["features"]
    assert len(feature.pop("id")) == 36
    assert feature == {
        "type": "Feature",
        "geometry": {
            "type": "Polygon",
            "coordinates": [[[1, 1], [3, 1], [3, 3], [1, 3], [1, 1]]],
            "plane": {"c": -1, "z": 2, "t": 1},
        },
        "properties": {
            "objectType": "cell",
            "name": "mine",
            "measurements": {"label": 7, "area": 4.0, "confidence": 0.5},
        },
    }


def test_a_table_of_measures_fits(blobs, tmp_path):
    labels = blobs()
    table = measure(labels=labels)
    ib.write_geojson(tmp_path / "a.geojson", labels, measurements=table)
    features = json.loads((tmp_path / "a.geojson").read_text())["features"]
    areas = [feature["properties"]["measurements"]["area"] for feature in features]
    assert areas == table["area"].tolist()


def test_too_few_measurements_are_refused_and_no_file_appears(tmp_path):
    with pytest.raises(SamcellError, match="area has fewer values"):
        ib.write_geojson(tmp_path / "a.geojson", np.array([[1, 2]]), measurements={"area": [1]})
    assert list(tmp_path.iterdir()) == []


def test_the_same_cells_give_the_same_bytes_and_others_other_ids(blobs, tmp_path):
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        ib.write_geojson(tmp_path / name, blobs(seed=seed))
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    ids = [
        {feature["id"] for feature in json.loads((tmp_path / name).read_text())["features"]}
        for name in "ac"
    ]
    assert ids[0].isdisjoint(ids[1])


def test_a_file_without_cells_is_read_again(tmp_path):
    ib.write_geojson(tmp_path / "a.geojson", np.zeros((4, 5), np.uint8))
    assert ib.read_geojson(tmp_path / "a.geojson", (4, 5)).cells == ()


def test_an_existing_file_is_not_overwritten_unasked(tmp_path):
    (tmp_path / "a.geojson").write_text("mine")
    with pytest.raises(SamcellError, match="exists"):
        ib.write_geojson(tmp_path / "a.geojson", np.array([[1]]))
    assert (tmp_path / "a.geojson").read_text() == "mine"


@pytest.mark.parametrize(
    "document",
    [
        {"type": "Polygon", "coordinates": [SQUARE]},
        {"type": "Feature", "geometry": {"type": "Polygon", "coordinates": [SQUARE]}},
        [{"type": "Feature", "geometry": {"type": "MultiPolygon", "coordinates": [[SQUARE]]}}],
        {
            "type": "GeometryCollection",
            "geometries": [{"type": "Polygon", "coordinates": [SQUARE]}],
        },
    ],
)
def test_geometries_in_any_wrapping_are_read(document):
    labels = ib.read_geojson(json.dumps(document).encode(), (6, 6)).labels
    assert np.argwhere(labels).tolist() == [[y, x] for y in (1, 2, 3) for x in (1, 2, 3)]


def test_holes_are_cut_out():
    hole = [[2, 2], [3, 2], [3, 3], [2, 3], [2, 2]]
    data = collection({"type": "Polygon", "coordinates": [SQUARE, hole]})
    labels = ib.read_geojson(data, (6, 6)).labels
    assert (labels[2, 2], np.count_nonzero(labels)) == (0, 8)


def test_parts_of_a_multipolygon_that_overlap_are_joined():
    moved = [[x + 1, y] for x, y in SQUARE]
    data = collection({"type": "MultiPolygon", "coordinates": [[SQUARE], [moved]]})
    assert np.count_nonzero(ib.read_geojson(data, (6, 6)).labels) == 12


def test_where_features_overlap_the_first_keeps_its_pixels_and_they_are_counted():
    square = {"type": "Polygon", "coordinates": [SQUARE]}
    back = ib.read_geojson(collection(square, square), (6, 6))
    assert (back.overlapping, back.lost) == (9, ("feature 2",))


def test_measurements_as_older_qupath_lists_them_are_read():
    data = collection(
        {"type": "Polygon", "coordinates": [SQUARE]},
        properties={"name": "n", "measurements": [{"name": "confidence", "value": 0.5}]},
    )
    (cell,) = ib.read_geojson(data, (6, 6)).cells
    assert (cell.name, cell.confidence) == ("n", 0.5)


def test_points_and_lines_are_named_as_without_area():
    data = collection({"type": "Point", "coordinates": [1, 2]}, properties={"name": "p"})
    assert ib.read_geojson(data, (6, 6)).without_area == ("p",)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"hello",
        b"3",
        b"null",
        b"{}",
        b'{"type":"Feature"}',
        b'{"type":"FeatureCollection","features":[1]}',
        b'{"type":"Polygon","coordinates":5}',
        b'{"type":"Polygon","coordinates":[[[1,2],[3]]]}',
        b'{"type":"Polygon","coordinates":[[["a",2]]]}',
        b'{"type":"Polygon","coordinates":[[[1e99,2],[1,2],[3,4]]]}',
        b'{"type":"Polygon","coordinates":[[[NaN,2],[1,2],[3,4]]]}',
        b'{"type":"Curve","coordinates":[]}',
        b'{"type":"Feature","geometry":{"type":"Polygon","coordinates":[],"plane":{"c":"x"}}}',
        b"[" * 100_000,
        '{"type":"Polygon"'.encode("utf-16"),
    ],
)
def test_what_is_no_geojson_of_cells_is_refused_in_one_sentence(data):
    with pytest.raises(ImageError, match="export it anew"):
        ib.read_geojson(data, (6, 6))


def test_ten_thousand_cells_are_written_in_a_few_seconds(many_cells, tmp_path):
    started = time.process_time()
    assert ib.write_geojson(tmp_path / "a.geojson", many_cells) == 10_000
    assert time.process_time() - started < 10
