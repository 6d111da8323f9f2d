# What both tours of the page check (page_tour.py, page_tour_world.py).

UNIQUE = "slider", "checkbox", "combobox", "searchbox"  # kinds of controls


def same(what, expected, actual):
    if expected != actual:
        raise AssertionError(f"{what}: expected {expected!r}, got {actual!r}")


def prints(page, text):
    page.wait(f'"{text}" in the console', lambda: page.run(
        "return document.getElementById('output').textContent.includes(arguments[0])", text))


# Notes what a screen reader says of an element from now on, and when.
def hear(page, selector):
    page.run("""const element = document.querySelector(arguments[0]);
                window.said = [];
                new MutationObserver(() => element.textContent && said.push([performance.now(), element.textContent]))
                  .observe(element, {childList: true})""", selector)


def said(page):
    return page.run("return said")


def is_focusable(node):
    properties = {one["name"]: one["value"].get("value") for one in node.get("properties", [])}
    return not node["ignored"] and properties.get("focusable") is True


# Every control has a name for a screen reader, and can be reached by the keyboard.
def check_names(page):
    named = [(node["role"]["value"], node.get("name", {}).get("value", ""))
             for node in page.devtools("Accessibility.getFullAXTree")["nodes"] if is_focusable(node)]
    if len(named) < 20 or "" in [name for _, name in named]:
        raise AssertionError(f"controls without a name: {named}")
    same("controls of the same kind and name", [], [one for one in named if one[0] in UNIQUE and named.count(one) > 1])
    same("controls that the keyboard does not reach", 0, page.run(
        "return [...document.querySelectorAll('button, input, select, textarea, a')].filter((e) => e.tabIndex < 0).length"))


def check_widths(page):
    for width in 320, 400, 900, 1600:
        page.resize(width, 1000, is_dark=width == 900)
        same(f"the width of the page at {width}", True,
             page.run("return document.documentElement.scrollWidth <= innerWidth"))
    page.resize(1600, 1000)
