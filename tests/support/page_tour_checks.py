# What both tours of the page check (page_tour.py, page_tour_world.py).

UNIQUE = "slider", "checkbox", "combobox", "searchbox"  # kinds of controls


def same(what, expected, actual):
    if expected != actual:
        raise AssertionError(f"{what}: expected {expected!r}, got {actual!r}")


# innerText has the text of an element even if the element is hidden.
def is_visible(page, selector):
    return page.run("return document.querySelector(arguments[0]).checkVisibility()", selector)


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


# Returns the texts, and the controls with an edge, whose contrast to their ground is too low for WCAG 2.2 AA.
FAINT = """
const parse = (color) => {
  const [r, g, b, a] = color.match(/[\\d.]+/g).map(Number);
  return [...(color.startsWith('rgb') ? [r, g, b] : [255 * r, 255 * g, 255 * b]), a ?? 1];
};
const mix = (over, under) => [0, 1, 2].map((i) => over[i] * over[3] + under[i] * (1 - over[3]));
const light = (color) => [0.2126, 0.7152, 0.0722].reduce((sum, share, i) => {
  const level = color[i] / 255;
  return sum + share * (level <= 0.04045 ? level / 12.92 : ((level + 0.055) / 1.055) ** 2.4);
}, 0.05);
const ground = (node) => node ? mix(parse(getComputedStyle(node).backgroundColor), ground(node.parentElement)) : [255, 255, 255];
const contrast = (color, under) => {
  const [a, b] = [light(mix(parse(color), under)), light(under)];
  return Math.max(a, b) / Math.min(a, b);
};
const style = (node) => getComputedStyle(node);
const shown = [...document.body.querySelectorAll('*')].filter((node) =>
  node.checkVisibility() && !node.disabled && !node.closest('.hidden, script, option'));
const texts = shown.filter((node) => [...node.childNodes].some((child) => child.nodeType === 3 && child.data.trim()));
const edged = shown.filter((node) => node.matches('button, input:not([type]), input[type=search], select, textarea') &&
  style(node).borderTopStyle !== 'none');
return [texts.length, edged.length,
  ...texts.filter((node) => contrast(style(node)[node.closest('svg') ? 'fill' : 'color'], ground(node)) < 4.5),
  ...edged.filter((node) => contrast(style(node).borderTopColor, ground(node.parentElement)) < 3)
].map((node) => node.outerHTML || node);"""


def check_contrast(page):
    for is_dark in False, True:
        page.resize(1600, 1000, is_dark)
        texts, edged, *faint = page.run(FAINT)
        same("pale texts and edges", [], faint)
        if texts < 50 or edged < 10:
            raise AssertionError(f"only {texts} texts and {edged} edges are visible")
    page.resize(1600, 1000)


def check_widths(page):
    for width in 320, 400, 900, 1600:
        page.resize(width, 1000, is_dark=width == 900)
        same(f"the width of the page at {width}", True,
             page.run("return document.documentElement.scrollWidth <= innerWidth"))
    page.resize(1600, 1000)
