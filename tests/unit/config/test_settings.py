"""What the window remembers."""

import pytest

from tomobatch.config.settings import Settings, read_settings, write_settings


@pytest.fixture
def path(tmp_path):
    return tmp_path / "config" / "settings.toml"


def test_without_a_file_there_are_defaults(path):
    assert read_settings(path) == (Settings(), "")


def test_what_was_written_is_read_back(path):
    mine = Settings(theme="light", text_scale=1.5, window_width=1280, viewer_share=0.5, machine="tomo1")
    mine.remember_folder("/data/a b\n\"c'")
    write_settings(path, mine)
    assert read_settings(path) == (mine, "")
    assert [file.name for file in path.parent.iterdir()] == ["settings.toml"]


@pytest.mark.parametrize("text", [b"theme = ", b"\xff\xfe", b"[theme\n"])
def test_a_broken_file_is_set_aside_and_said(path, text):
    path.parent.mkdir()
    path.write_bytes(text)
    settings, sentence = read_settings(path)
    assert settings == Settings()
    (aside,) = path.parent.glob("settings.toml.broken-*")
    assert aside.read_bytes() == text
    assert str(aside) in sentence


def test_a_file_that_cannot_be_read_is_said(path):
    path.mkdir(parents=True)
    settings, sentence = read_settings(path)
    assert settings == Settings()
    assert "cannot be read" in sentence


@pytest.mark.parametrize(
    "line",
    [
        'theme = "pink"',
        "theme = 3",
        "text_scale = 7.0",
        "viewer_share = 0.95",
        "window_width = 5",
        "window_height = 1000000",
        "maximized = 1",
        "recent_folders = [3]",
        "nobody_knows = true",
    ],
)
def test_a_value_that_makes_no_sense_is_the_default_and_the_rest_stays(path, line):
    path.parent.mkdir()
    path.write_text(f'{line}\nmachine = "tomo3"\n')
    assert read_settings(path) == (Settings(machine="tomo3"), "")


def test_whole_numbers_do_for_parts(path):
    path.parent.mkdir()
    path.write_text("text_scale = 1\n")
    settings, _ = read_settings(path)
    assert repr(settings.text_scale) == "1.0"


def test_the_last_folder_is_first_and_few_are_kept():
    settings = Settings()
    for number in range(12):
        settings.remember_folder(f"/data/{number}")
    settings.remember_folder("/data/7")
    assert settings.recent_folders == [f"/data/{number}" for number in (7, 11, 10, 9, 8, 6, 5, 4)]


def test_a_folder_whose_name_is_not_utf8_cannot_be_remembered(path):
    settings = Settings()
    settings.remember_folder("/data/\udcff")
    write_settings(path, settings)
    assert settings.recent_folders == []
