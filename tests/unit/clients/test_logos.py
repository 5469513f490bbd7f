"""Logos: images that are drawn anew, whose they are, and when (S376)."""

from __future__ import annotations

import io
import os
from functools import partial

import pytest
from PIL import Image, PngImagePlugin

from gatepost.clients.lifecycle import deactivate_app
from gatepost.clients.logo_drawing import drawn
from gatepost.clients.logos import set_logo
from gatepost.clients.withdrawal import changed_looks
from gatepost.errors import Conflict
from gatepost.model.fetching import FetchFailed, FetchRefused, Outbound
from gatepost.model.logo import LARGEST_LOGO, Logo, UnusableImage, event_of, image_in, logo_in, result_of
from gatepost.model.records import App
from gatepost.stores.record_keys import AppKey, LogoKey
from tests.raising import raised
from tests.unit.clients.documents import BUSY, GOOD, HOUR, URL, Scene
from tests.unit.clients.shop import what_counts
from tests.unit.meanwhile import meanwhile
from tests.unit.world import NOW, OWNER, World

LOGO_URI = "https://cdn.example.test/logo.png"
BLUE = (20, 60, 200)


def image(width: int, height: int, form: str = "PNG", mode: str = "RGB", **said: object) -> bytes:
    file = io.BytesIO()
    Image.new(mode, (width, height), BLUE if mode == "RGB" else 1).save(file, form, **said)
    return file.getvalue()


def shown(png: bytes) -> Image.Image:
    assert len(png) <= LARGEST_LOGO
    return Image.open(io.BytesIO(png), formats=["PNG"])


@pytest.mark.parametrize("given", [image(500, 250), image(500, 250, "JPEG"), image(32, 16), image(64, 32, mode="P")])
def test_a_logo_is_a_square_with_the_whole_image_in_its_middle(given: bytes) -> None:
    logo = shown(drawn(given))

    assert (logo.size, logo.mode) == ((96, 96), "RGBA")
    assert [logo.getpixel((48, y))[3] for y in (0, 23, 24, 71, 72, 95)] == [0, 0, 255, 255, 0, 0]  # type: ignore[index]


def test_s376_nothing_but_the_pixels_is_kept_turned_as_the_camera_was() -> None:
    text = PngImagePlugin.PngInfo()
    text.add_text("Comment", "from home")
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = 6, "from home"  # turned by 90°, with a description

    assert b"from home" not in drawn(image(100, 50, pnginfo=text))
    logo = drawn(image(100, 50, "JPEG", exif=exif))
    assert b"from home" not in logo
    assert shown(logo).getpixel((48, 0))[3] == 255  # type: ignore[index]


def test_an_image_of_many_colours_is_small_too() -> None:
    noise = Image.frombytes("RGB", (200, 200), os.urandom(120_000))
    file = io.BytesIO()
    noise.save(file, "PNG")

    assert shown(drawn(file.getvalue())).size == (96, 96)


BROKEN = [b"", b"not an image", b"<svg xmlns='http://www.w3.org/2000/svg'/>", image(8, 8, "GIF"), image(90, 90)[:-40]]


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        *((each, "This image can’t be read. Choose a PNG or JPEG.") for each in BROKEN),
        (image(2001, 2000), "The image has more than four million pixels."),
        (b"\x89PNG" + bytes(500_000), "The image is larger than 500 kB."),
    ],
)
def test_s376_what_is_no_small_image_is_refused(given: bytes, fault: str) -> None:
    assert raised(UnusableImage, drawn, given).fault == fault


def test_s376_of_a_result_only_a_small_png_counts() -> None:
    png = drawn(image(9, 9))
    assert logo_in(result_of(png)) == Logo.of(png)
    for result in ({}, {"png": None}, {"png": "x"}, result_of(b"GIF89a"), result_of(png + bytes(LARGEST_LOGO))):
        assert raised(UnusableImage, logo_in, result).fault == "This image can’t be read."
    assert raised(UnusableImage, logo_in, {"fault": "Too odd."}).fault == "Too odd."
    assert [image_in(each) for each in (event_of(b"x"), None, {"image": 1}, {"image": "?"})] == [b"x", b"", b"", b""]


def kept(world: World, app: App) -> Logo | None:
    found: Logo | None = world.store.read(LogoKey(app.client_id))[0]
    return found


def test_s351_another_logo_withdraws_what_another_name_would(world: World, granted: App) -> None:
    logo = Logo.of(b"a")
    assert what_counts(world, granted) == ("write", "admin")

    changed = set_logo(world.store, world.settings, granted, logo, owner=OWNER, now=NOW)

    assert (world.app(), kept(world, granted)) == (changed, logo)
    assert (changed.logo, changed.version, changed.approvals_valid_from) == (logo.digest, granted.version + 1, NOW)
    assert what_counts(world, changed) == ("", "")
    assert changed_looks(granted, changed) == ("logo",)
    with pytest.raises(Conflict):
        set_logo(world.store, world.settings, granted, logo, owner=OWNER, now=NOW)

    gone = set_logo(world.store, world.settings, changed, None, owner=OWNER, now=NOW + 9, by_administrator=True)

    assert (world.app(), kept(world, gone)) == (gone, None)
    assert (gone.logo, gone.looks, gone.administered_at) == ("", 2, NOW + 9)


# Of documents


@pytest.fixture
def scene(world: World) -> Scene:
    scene = Scene(world)
    scene.web.document = {**GOOD, "logo_uri": LOGO_URI}
    return scene


def test_s376_the_logo_of_a_document_is_taken_once_after_an_approval(scene: Scene) -> None:
    assert scene.app().logo == ""
    assert [each.url for each in scene.web.asked] == [URL]
    scene.approved = True

    app = scene.app(now=NOW + HOUR)

    assert (app.logo, app.logo_uri) == (Logo.of(b"image").digest, LOGO_URI)
    assert (app, kept(scene.world, app)) == (scene.known(), Logo.of(b"image"))
    assert app.looks == 0  # whoever approved it does so for its host
    assert scene.web.asked[-1] == Outbound(
        method="GET", url=LOGO_URI, accept=("image/png", "image/jpeg"), most_bytes=100_000, seconds=3.0
    )
    assert scene.app(now=NOW + 2 * HOUR).logo == app.logo
    assert [each.url for each in scene.web.asked] == [URL, URL, LOGO_URI, URL]


@pytest.mark.parametrize(
    ("logo", "status"),
    [(b"a virus", 200), (b"image", 404), (FetchFailed("late"), 200), (FetchRefused("no such host"), 200), (BUSY, 200)],
)
def test_s376_a_logo_that_can_not_be_had_is_not_asked_for_again(
    scene: Scene, logo: bytes | Exception, status: int
) -> None:
    scene.app()
    scene.approved, scene.web.logo, scene.web.logo_status = True, logo, status

    app = scene.app(now=NOW + HOUR)
    assert (app.logo, app.logo_uri, kept(scene.world, app)) == ("", LOGO_URI, None)
    scene.app(now=NOW + 2 * HOUR)
    assert [each.url for each in scene.web.asked] == [URL, URL, LOGO_URI, URL]


def test_s351_another_logo_of_a_document_is_another_look(scene: Scene) -> None:
    scene.app()
    scene.approved = True
    before = scene.app(now=NOW + HOUR)
    scene.web.document["logo_uri"] = f"{LOGO_URI}?2"
    scene.approved = False

    changed = scene.app(now=NOW + 2 * HOUR)

    assert (changed.logo, changed.logo_uri, changed.looks) == ("", "", before.looks + 1)
    assert changed.approvals_valid_from == NOW + 2 * HOUR


def test_an_app_that_changes_while_its_logo_is_taken_has_none_for_now(scene: Scene) -> None:
    app = scene.app()
    scene.approved, store = True, scene.world.store
    stop = partial(deactivate_app, store, app, reason="", now=NOW)
    scene.world.store = meanwhile(store, stop, "set_app_logo")

    assert scene.app(now=NOW + HOUR).logo == ""
    assert (scene.known(), kept(scene.world, app)) == (store.read(AppKey(app.client_id))[0], None)
