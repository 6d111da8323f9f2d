# Uses every control of the world on the page of --page --sim once, in a browser
# (tests/test_page_browser_world.sh).
#   usage: page_tour_world.py ADDRESS
import sys

import browser
from page_tour_checks import check_contrast, check_names, check_widths, is_visible, prints, same

ADDRESS = sys.argv[1]


def time_of(page):
    days, clock = ([0] + page.text("#time").split(" d "))[-2:]
    hours, minutes, seconds = clock.split(":")
    return 86400 * int(days) + 3600 * int(hours) + 60 * int(minutes) + float(seconds)


def is_paused(page):
    return page.text("#clock-state") == "paused"


def host_rows(page):
    return page.run("return [...document.querySelectorAll('#hosts tr')].map((row) => row.innerText)")


def choose(page, name):
    page.run("[...document.querySelectorAll('#hosts button')].find((b) => b.textContent === arguments[0]).click()", name)


def use_clock(page):
    page.wait("the time", lambda: page.text("#time") != "")
    page.click("#pause")
    page.wait("the pause", lambda: is_paused(page))
    begun = time_of(page)
    page.click("#second")
    page.wait("a second", lambda: abs(time_of(page) - begun - 1) < 0.0015)
    page.click("#step")
    page.wait("an event", lambda: time_of(page) > begun + 1.0015)
    page.click("#speed option[value='100']")
    page.click("#pause")
    page.wait("the partition", lambda: "separated" in page.text("#links"))
    page.click("#pause")
    page.wait("the pause", lambda: is_paused(page))


def cut_links(page):
    return page.run("return document.querySelectorAll('#map line.cut').length")


def see_map(page):
    page.wait("the hosts", lambda: len(host_rows(page)) == 3)
    same("the hosts of the map", 3, page.run("return document.querySelectorAll('#map .host').length"))
    same("the links of the map", 3, page.run("return document.querySelectorAll('#map line').length"))
    same("the links that are cut", 2, cut_links(page))
    same("the settings of the link", True, "20–30 ms, 10 % lost" in page.text("#links"))
    same("the summary", True, "1 separated" in page.text("#world-summary"))
    page.type("#host-filter", "10.0.0.3")
    page.wait("one host", lambda: len(host_rows(page)) == 1 and "hub" in host_rows(page)[0])
    page.type("#host-filter", "0")
    page.wait("no host", lambda: is_visible(page, "#no-hosts"))
    page.clear("#host-filter")
    page.run("document.getElementById('host-filter').dispatchEvent(new Event('input'))")
    page.wait("all hosts", lambda: len(host_rows(page)) == 3)


def see_host(page):
    choose(page, "lamp")
    page.wait("its output", lambda: "level" in page.text("#host-output"))
    page.wait("its pin", lambda: "output" in page.text("#pin-list li:nth-child(5)"))
    same("the title", True, "lamp, 10.0.0.2" in page.text("#host-title"))
    page.wait("its name in the head", lambda: "lamp" in page.text("#script"))
    page.type("#line", "print('here', gpio.OUTPUT)" + browser.KEYS["enter"])
    page.wait("what its prompt prints", lambda: "here\t1" in page.text("#host-output"))
    page.click("#pin-list li:nth-child(3) .level")
    page.wait("its level", lambda: page.text("#pin-list li:nth-child(3) .level") == "high")
    page.click("#close-host")
    page.wait("the script", lambda: "lamp" not in page.text("#script"))
    same("the output of a host", False, page.run("return document.getElementById('host').checkVisibility()"))
    page.run("""document.querySelector('#map .host:last-child').dispatchEvent(new MouseEvent('click'))""")
    page.wait("the host of the map", lambda: "hub" in page.text("#host-title"))


def act_on_world(page):
    page.click("#repair")
    page.wait("no partition", lambda: cut_links(page) == 0)
    page.click("[aria-label='Cut lamp – hub']")
    page.wait("the cut", lambda: cut_links(page) == 1 and "100 % lost" in page.text("#links"))
    page.click("[aria-label='Repair lamp – hub']")
    page.wait("the repaired link", lambda: cut_links(page) == 0 and "10 % lost" in page.text("#links"))
    page.click("#separate")
    page.wait("the partition", lambda: cut_links(page) == 2 and "1 separated" in page.text("#world-summary"))
    page.click("#repair")
    page.wait("no partition", lambda: cut_links(page) == 0)


def see_end(page):
    page.click("#speed option[value='0']")
    page.click("#pause")
    prints(page, "done at\t3600000")
    page.wait("the pause at the end", lambda: is_paused(page) and time_of(page) == 3600)
    page.wait("the crash", lambda: "1 crashed" in page.text("#world-summary"))
    page.click("#close-host")
    page.wait("the end of the script", lambda: "ended" in page.text("#state"))


browser.need()
with browser.Browser() as page:
    page.resize(1600, 1000)
    page.open(ADDRESS)
    for part in use_clock, see_map, see_host, act_on_world, check_names, check_contrast, check_widths, see_end:
        part(page)
        same(f"the browser's complaints after {part.__name__}", [], page.errors())
