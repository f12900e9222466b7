"""The jar that is shipped is a build of the sources beside it."""

from __future__ import annotations

import zipfile

import pytest

from imagej_bridge.fiji import JAR
from imagej_bridge.fiji.build import build, compiler, digest_of_sources

JAVA_8 = 52  # version of class files


@pytest.fixture(scope="module")
def rebuilt(tmp_path_factory):
    path = tmp_path_factory.mktemp("jar") / JAR.name
    build(path)
    return path


def manifest(path) -> dict[str, str]:
    with zipfile.ZipFile(path) as jar:
        text = jar.read("META-INF/MANIFEST.MF").decode()
    return dict(line.split(": ", 1) for line in text.split("\r\n") if line)


def test_the_shipped_jar_was_built_from_these_sources():
    assert manifest(JAR)["Sources-Digest"] == digest_of_sources()[:48]


def test_a_build_of_the_sources_is_the_shipped_jar(rebuilt):
    """To the byte with the same compiler; with another one, of the same classes."""
    if manifest(JAR)["Built-By"] == compiler()[1]:
        assert rebuilt.read_bytes() == JAR.read_bytes()
    else:
        with zipfile.ZipFile(rebuilt) as ours, zipfile.ZipFile(JAR) as shipped:
            assert ours.namelist() == shipped.namelist()


def test_the_classes_run_in_java_8():
    with zipfile.ZipFile(JAR) as jar:
        classes = [jar.read(name) for name in jar.namelist() if name.endswith(".class")]
    assert {int.from_bytes(content[6:8], "big") for content in classes} == {JAVA_8}
