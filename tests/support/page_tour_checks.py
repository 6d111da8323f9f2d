# What both tours of the page check (page_tour.py, page_tour_world.py).
import browser


def same(what, expected, actual):
    if expected != actual:
        raise AssertionError(f"{what}: expected {expected!r}, got {actual!r}")


def prints(page, text):
    page.wait(f'"{text}" in the console', lambda: text in page.text("#output"))


# Every control has a name for a screen reader, and can be reached by the keyboard.
def check_names(page):
    controls = page.call("POST", "/elements", {"using": "css selector",
                                               "value": "button, input, select, textarea, [tabindex='0'], a"})
    names = [page.call("GET", f"/element/{control[browser.ELEMENT]}/computedlabel") for control in controls
             if page.run("return arguments[0].checkVisibility()", control)]
    if len(names) < 40 or "" in names:
        raise AssertionError(f"controls without a name: {names}")
    same("controls that the keyboard does not reach", 0, page.run(
        "return [...document.querySelectorAll('button, input, select, textarea, a')].filter((e) => e.tabIndex < 0).length"))


def check_widths(page):
    for width in 400, 900, 1600:
        page.resize(width, 1000, is_dark=width == 900)
        same(f"the width of the page at {width}", True,
             page.run("return document.documentElement.scrollWidth <= innerWidth"))
    page.resize(1600, 1000)
