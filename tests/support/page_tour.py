# Uses every control of the page of --page once, in a browser (tests/test_page_browser.sh).
#   usage: page_tour.py ADDRESS FLASH
import http.server
import os
import sys
import threading

import browser
from page_tour_checks import check_contrast, check_names, check_widths, hear, is_visible, prints, same, said

ADDRESS, FLASH = sys.argv[1:]
OUTSIDE = os.path.join(os.path.dirname(FLASH), "sent.lua")
PORT, KEY = ADDRESS.split(":")[2].split("/")[0], ADDRESS.split("=")[1]


def use_console(page):
    prints(page, "booted")
    page.type("#line", "print('sum', 6 * 7)" + browser.KEYS["enter"])
    prints(page, "sum\t42")
    page.type("#line", "for i = 1, 2 do")
    page.click("#prompt button")
    page.wait("the prompt of an open block", lambda: page.text("#prompt-text").strip() == ">>")
    page.type("#line", "print('turn', i) end" + browser.KEYS["enter"])
    prints(page, "turn\t2")
    page.wait("the first prompt", lambda: page.text("#prompt-text").strip() == ">")
    page.type("#line", browser.KEYS["up"] * 3 + browser.KEYS["enter"])
    page.wait("a recalled line", lambda: page.text("#output").count("sum\t42") == 2)
    page.type("#line", "draft" + browser.KEYS["up"] + browser.KEYS["down"])
    same("a line that is not complete", "draft", page.value("#line"))
    page.clear("#line")
    page.click("#clear")
    same("the output", "", page.text("#output"))
    page.click("#earlier")
    prints(page, "booted")
    same("following", False, page.run("return document.getElementById('follow').checked"))
    page.click("#follow")
    scroll_back(page)
    print_fast(page)


def is_following(page):
    return page.run("return document.getElementById('follow').checked")


def scroll_back(page):
    page.type("#line", "print(('line\\n'):rep(99))" + browser.KEYS["enter"])
    page.wait("a console that scrolls", lambda: page.run("return document.getElementById('output').scrollTop") > 100)
    page.run("document.getElementById('output').scrollTop = 0")
    page.wait("a console that stands still", lambda: not is_following(page))
    page.type("#output", browser.KEYS["end"])
    page.wait("a console that follows", lambda: is_following(page))


# A screen reader says a few lines, or how many there are, once in a second.
def print_fast(page):
    hear(page, "#spoken")
    same("the log itself", "off", page.run("return document.getElementById('output').ariaLive"))
    page.type("#line", "count = 0 tmr.create():alarm(25, 1, function(t) count = count + 1 print('fast', count) "
              "if count == 60 then t:unregister() end end)" + browser.KEYS["enter"])
    prints(page, "fast\t60")
    page.wait("the number of lines", lambda: any("more lines" in text for _, text in said(page)))
    for _, text in said(page):
        if not text.endswith(" more lines") and text.count("\n") > 2:
            raise AssertionError(f"a screen reader says {text!r}")
    is_slow(said(page), 1000)


def is_slow(texts, pause):
    gaps = [later[0] - earlier[0] for earlier, later in zip(texts, texts[1:])]
    same(f"announcements that follow within {pause} ms", [], [gap for gap in gaps if gap < 0.95 * pause])


def use_pins(page):
    page.wait("a pin of a bus", lambda: page.text("#pin-list li:not(.plain):nth-child(12) .mode") == "I2C")
    press = "#pin-list li:nth-child(4) .press"
    page.click(press)
    prints(page, "lamp 1")
    page.wait("the lamp", lambda: page.run("return document.querySelectorAll('.lamp')[1].className") == "lamp on")
    page.wait("the released button", lambda: page.text("#pin-list li:nth-child(4) .level") == "high")
    page.type(press, browser.KEYS["enter"])
    prints(page, "lamp 0")
    page.click("#pin-list li:nth-child(3) .level")
    page.wait("the level", lambda: page.text("#pin-list li:nth-child(3) .level") == "high")
    page.type("#adc", browser.KEYS["end"])
    page.type("#line", "print('adc', adc.read(0), gpio.read(2))" + browser.KEYS["enter"])
    prints(page, "adc\t1024\t1")
    same("a pin of the script", False, page.run("return document.querySelector('#pin-list li:nth-child(2) .level').disabled === false"))


def use_parts(page):
    page.wait("the part", lambda: "bme280 at address 0x76" in page.text("#parts") and "10 °C" in page.text("#parts"))
    page.type("#part-0-temp", browser.KEYS["right"])
    page.wait("the value", lambda: "10.1 °C" in page.text("#parts"))
    left, right = "#part-list > :nth-child(2) button", "#part-list > :nth-child(2) button + button"
    page.click(right)
    prints(page, "rotary\t8\t4")
    page.click(left)
    page.click(left)
    prints(page, "rotary\t8\t-4")
    page.click("#part-1-pressed")
    prints(page, "rotary\t1\t-4")
    page.click("#part-1-pressed")
    page.wait("the released switch", lambda: page.text("#part-list > :nth-child(2) .slider:nth-child(3) output") == "0")
    page.click(".part select option[value=silent]")
    page.type("#line", "print(part():value 'temp' > 10, part().failing)" + browser.KEYS["enter"])
    prints(page, "true\tsilent")
    page.type("#line", "require 'netmcu'.part('bme280', {address = 0x77})" + browser.KEYS["enter"])
    page.wait("the second sensor", lambda: "bme280 at address 0x77" in page.text("#parts"))
    same("the name of a slider", "temp, bme280 at address 0x77",
         page.run("return document.getElementById('part-2-temp').ariaLabel"))
    same("its value", "20 °C", page.run("return document.getElementById('part-2-temp').ariaValueText"))
    show_fast(page)


# A screen reader says what a display shows once it has not changed for a while.
def show_fast(page):
    page.type("#line", "d = u8g2.ssd1306_i2c_128x64_noname(0, 0x3c) d:setFont(u8g2.font_6x10_tf) "
              "function show(text) d:clearBuffer() d:drawStr(0, 20, text) d:sendBuffer() end show 'ready'"
              + browser.KEYS["enter"])
    page.wait("what the display shows", lambda: "ready" in page.text("#part-list > :last-child"))
    hear(page, "#part-list > :last-child p")
    page.type("#line", "count = 0 tmr.create():alarm(25, 1, function(t) count = count + 1 show('step ' .. count) "
              "if count == 30 then t:unregister() end end)" + browser.KEYS["enter"])
    page.wait("the last text", lambda: said(page) and said(page)[-1][1] == "step 30")
    is_slow(said(page), 1500)


def rows(page):
    return page.run("""return [...document.querySelectorAll('#objects tr')].filter((row) => !row.hidden)
                       .map((row) => row.innerText)""")


def open_row(page, text):
    page.run("""[...document.querySelectorAll('#objects tr')].find((row) => row.innerText.includes(arguments[0]))
                .querySelector('button').click()""", text)


def use_network(page):
    page.type("#line", "visit()" + browser.KEYS["enter"])
    page.wait("the failed request", lambda: any("failed" in row for row in rows(page)))
    page.wait("a name that is not known", lambda: any("gone.example" in row and "port 80" in row for row in rows(page)))
    page.wait("the warning", lambda: any("\u26a0 1" in row for row in rows(page)))
    page.click("#which option[value=trouble]")
    page.wait("only trouble", lambda: rows(page) and all("failed" in row or "\u26a0" in row for row in rows(page)))
    page.click("#which option[value=open]")
    page.wait("only open ones", lambda: len(rows(page)) == 1 and "listening" in rows(page)[0])
    page.click("#which option[value=all]")
    page.type("#filter", "echo")
    page.wait("the filter", lambda: rows(page) == [] and is_visible(page, "#no-match"))
    page.clear("#filter")
    page.run("document.getElementById('filter').dispatchEvent(new Event('input'))")

    open_row(page, "client")
    page.wait("the data", lambda: "hello" in page.text("#data") and "0123456789" in page.text("#data"))
    page.wait("the warning of the connection", lambda: "init.lua:" in page.text("#marks"))
    page.click("#detail [value=hex]")
    page.wait("the hexadecimal data", lambda: "68 65 6c 6c 6f" in page.text("#data"))
    page.click("#close-detail")
    same("the detail", False, page.run("return document.getElementById('detail').checkVisibility()"))
    open_row(page, "failed")
    page.wait("a title with the focus", lambda: page.run("return document.activeElement.id") == "detail-title")
    page.type("#detail-title", browser.KEYS["escape"])
    same("the detail", False, page.run("return document.getElementById('detail').checkVisibility()"))


def asks_before_it_leaves(page):
    return page.run("""const leave = new Event('beforeunload', {cancelable: true});
                       dispatchEvent(leave);
                       return leave.defaultPrevented""")


def content(name):
    with open(f"{FLASH}/{name}", encoding="utf-8") as file:
        return file.read()


def replace_nothing(page):
    before = content("part.lua")
    page.run("window.confirm = (question) => { window.asked = question; }")
    page.resize(400, 600)
    page.click("#new-file")
    page.type("#file-name", "part.lua" + browser.KEYS["enter"])
    page.wait("a question", lambda: page.run("return window.asked") == "Replace the file part.lua?")
    same("the file", before, content("part.lua"))
    page.clear("#file-name")
    page.type("#file-name", "../evil.lua" + browser.KEYS["enter"])
    page.wait("trouble in sight", lambda: page.run("""const trouble = document.getElementById('trouble');
                                                     scrollTo(0, 300);
                                                     return !trouble.hidden && scrollY > 0 &&
                                                       trouble.getBoundingClientRect().top >= 0"""))
    page.click("#close-editor")
    page.resize(1600, 1000)


def use_files(page):
    page.click("#new-file")
    page.type("#file-name", "part.lua")
    same("a question without changes", False, asks_before_it_leaves(page))
    page.type("#text", "print('part', 1)")
    same("a question before changes are lost", True, asks_before_it_leaves(page))
    page.click("#save")
    page.wait("the saved file", lambda: "part.lua" in page.text("#file-list"))
    same("the file", "print('part', 1)", content("part.lua"))
    page.wait("the note", lambda: page.text("#file-note") == "part.lua is saved.")
    same("a question after saving", False, asks_before_it_leaves(page))
    page.type("#text", "print('part', 2)")
    same("the note after the next edit", "", page.text("#file-note"))
    page.click("#run-file")
    prints(page, "part\t2")
    page.click("#close-editor")
    same("the focus", "new-file", page.run("return document.activeElement.id"))
    same("the editor", False, page.run("return document.getElementById('editor').checkVisibility()"))
    replace_nothing(page)
    with open(OUTSIDE, "w", encoding="utf-8") as file:
        file.write("print('sent', 'ü')")
    page.type("#upload", OUTSIDE)
    page.wait("the uploaded file", lambda: "sent.lua" in page.text("#file-list"))
    page.click("[aria-label='Run sent.lua']")
    prints(page, "sent\tü")
    page.run("[...document.querySelectorAll('#file-list .name')].find((b) => b.textContent === 'init.lua').click()")
    page.wait("the file", lambda: "booted" in page.value("#text"))
    page.run("""const text = document.getElementById('text');
                text.value = text.value.replace("'booted'", "'booted again'")""")
    page.click("#save-restart")
    prints(page, "booted again")
    page.click("#close-editor")


# The script fails, and the page stays.
def use_restart(page):
    page.type("#line", "tmr.create():alarm(1, 0, function() error 'out of order' end)" + browser.KEYS["enter"])
    prints(page, "out of order")
    page.wait("the state", lambda: "failed" in page.text("#state"))
    page.open(ADDRESS)
    page.wait("how a connection of the failed script ended", lambda: any("failed: " in row for row in rows(page)))
    page.click("#clear")
    page.wait("what to do", lambda: page.run("return document.getElementById('line').placeholder")
              == "Not running: press Restart")
    page.type("#line", "print('lo' .. 'st')" + browser.KEYS["enter"])
    page.wait("why the line does not run", lambda: "Restart starts it" in page.text("#trouble"))
    same("the line", "print('lo' .. 'st')", page.value("#line"))
    page.click("#restart")
    prints(page, "booted again")
    page.wait("the state", lambda: page.text("#state") == "running")
    page.type("#line", browser.KEYS["enter"])
    prints(page, "lost")


TYPE_UNHEARD = """socket.close();
                  $('line').value = 'print(1)';
                  $('prompt').requestSubmit();
                  return new Promise((show) => setTimeout(() => show([$('line').value, $('trouble').hidden])))"""


# A line for a program that has ended is not lost.
def lose_netmcu(page):
    same("the line, and whether the trouble is hidden", ["print(1)", False], page.run(TYPE_UNHEARD))
    page.wait("the connection", lambda: page.text("#state") == "running")
    page.clear("#line")


def see_load(page):
    page.wait("the plots", lambda: page.run("return document.querySelectorAll('#plots polyline').length") == 3)
    page.wait("a value", lambda: "kB" in page.text("#plots figcaption b"))


# --- attacks, by a browser that knows the key: without it, nothing answers ---

OPEN_SOCKET = """const done = arguments[arguments.length - 1];
                 const socket = new WebSocket(arguments[0]);
                 socket.onopen = () => done('open');
                 socket.onclose = () => done('closed');"""


def opens_socket(page):
    address = f"ws://127.0.0.1:{PORT}/socket?key={KEY}"
    return page.call("POST", "/execute/async", {"script": OPEN_SOCKET, "args": [address]})


class Quiet(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"another page")

    def log_message(self, *_):
        pass


def attack(page):
    same("the page's own WebSocket", "open", opens_socket(page))
    site = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Quiet)
    threading.Thread(target=site.serve_forever, daemon=True).start()
    for host in "127.0.0.1", "attacker.example":
        page.open(f"http://{host}:{site.server_port}/")
        same("the other page", "another page", page.text("body"))
        same("a WebSocket of another page", "closed", opens_socket(page))
    page.open(f"http://attacker.example:{PORT}/?key={KEY}")
    same("the page under another name", True, "this name could be somebody else's" in page.text("body"))
    site.shutdown()


browser.need()
with browser.Browser("--host-resolver-rules=MAP attacker.example 127.0.0.1") as page:
    page.resize(1600, 1000)
    page.open(ADDRESS)
    for part in use_console, use_pins, use_parts, use_network, see_load, use_files, use_restart, lose_netmcu, check_names, check_contrast, check_widths:
        part(page)
        same(f"the browser's complaints after {part.__name__}", [], page.errors())
    attack(page)
