# SPDX-License-Identifier: MIT
"""
Opens the HTML report in a real browser: two builds whose symbols have hostile
names are compared, and the page is used as a reader would use it.
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from vmd import Results, load, run

HOSTILE = [
    "<script>alert(1)</script>", "</script><script>document.title='owned'//",
    "<img src=x onerror=alert(1)>", "a'b&quot;c", "=cmd()", "\u202egnp.exe",
    "javascript:alert(1)", "x" * 10000, "\u00fcml\u00e4ut", "${1+1}", "%s%n",
    "]]>", "<!--", "__proto__", "constructor",
]
FLAGS = """--headless --no-sandbox --disable-gpu --disable-quic --no-first-run
--disable-background-networking --disable-component-update --disable-sync""".split()


def assemble(path, sizes):
    """An object whose functions have these sizes, and hostile names."""
    lines = [".text"]
    for name, size in sizes.items():
        quoted = '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'
        lines += [f".globl {quoted}", f".type {quoted}, @function",
                  f"{quoted}: .skip {size}, 0x41", f".size {quoted}, {size}"]
    subprocess.run(["as", "-o", path, "-"], check=True,
                   input="\n".join(lines).encode() + b"\n")


def browser(width, height):
    options = Options()
    for flag in FLAGS + [f"--window-size={width},{height}"]:
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    return webdriver.Chrome(service=Service("chromedriver"), options=options)


def wait(driver, script, seconds=20):
    """True as soon as a script returns something true."""
    end = time.time() + seconds
    while time.time() < end:
        if driver.execute_script("return " + script):
            return True
        time.sleep(0.05)
    return False


def number(text):
    return int(text.replace(",", "").replace("\u2212", "-").replace("+", ""))


class Page:
    def __init__(self, driver, path):
        self.driver = driver
        driver.get(pathlib.Path(path).as_uri())

    def texts(self, selector):
        return self.driver.execute_script(
            "return [...document.querySelectorAll(arguments[0])].map(n => n.textContent)",
            selector)

    def count(self):
        """Rows shown and their bytes, from the line above the table."""
        text = self.texts("#count")[0]
        return number(text.split()[0]), number(text.split(", ")[-1].split()[0])

    def type(self, text):
        box = self.driver.find_element(By.ID, "filter")
        box.clear()
        box.send_keys(text or " " + Keys.BACKSPACE)
        time.sleep(0.4)

    def severe(self):
        return [entry["message"] for entry in self.driver.get_log("browser")
                if entry["level"] == "SEVERE"]


def test_page(results, page, report):
    total = report["total"]
    cells = page.texts("#totals td")
    results.test("the page is ready", wait(page.driver, "document.body.dataset.ready"))
    results.test("no hostile name ran", page.driver.title.endswith("- vmdelta"), page.driver.title)
    results.test("the page has two scripts, data and code",
                 page.driver.execute_script("return document.scripts.length") == 2)
    results.test("no image came from a name",
                 page.driver.execute_script("return document.images.length") == 0)
    for index, key in enumerate(["content", "alignment", "image", "file"]):
        shown = [number(cell) for cell in cells[6 * index + 1:6 * index + 3]]
        expected = [total[side][key] for side in ("old", "new")]
        results.test(f"total of {key} is the JSON report's", shown == expected,
                     f"{shown} != {expected}")
    rows, delta = page.count()
    expected = total["new"]["file"] - total["old"]["file"]
    results.test("all rows together are the file's difference", delta == expected,
                 f"{delta} != {expected} in {rows} rows")


def test_use(results, page):
    rows = page.count()[0]
    page.type("onerror")
    results.test("a filter keeps what matches", page.count()[0] == 1, page.texts("#count"))
    page.driver.find_element(By.ID, "regex").click()
    page.type("^<(script|img)")
    results.test("an expression filters", page.count()[0] == 2, page.texts("#count"))
    page.type("(")
    results.test("a bad expression is marked",
                 page.driver.execute_script(
                     "return document.getElementById('filter').classList.contains('bad')"))
    page.type("")
    results.test("no filter shows all", page.count()[0] == rows)
    page.driver.find_element(By.CSS_SELECTOR, "#head button[data-key=name]").click()
    names = page.texts("#body .row span:first-child")
    # A mark that turns text around is shown as \\u202e, but sorted as itself.
    plain = [name for name in names if not name.startswith("\\u")]
    results.test("a column sorts", plain == sorted(plain), str(plain)[:300])
    page.driver.find_elements(By.CSS_SELECTOR, "#body .row")[1].click()
    detail = page.texts("#detail h2")
    results.test("a row opens", detail and detail[0] == names[1], str(detail)[:200])
    results.test("a row has its link", "#sym=" in page.driver.current_url)


def test_map(results, page):
    select = page.driver.find_element(By.ID, "tree")
    select.send_keys("section")
    page.driver.find_element(By.ID, "area").send_keys("size")
    time.sleep(0.3)
    canvas = page.driver.find_element(By.ID, "map")
    blank = page.driver.execute_script("""
        const c = document.getElementById('map'), d = c.getContext('2d')
            .getImageData(0, 0, c.width, c.height).data;
        let blank = 0;
        for (let i = 3; i < d.length; i += 4) blank += d[i] === 0;
        return blank;""")
    results.test("the map leaves nothing blank", blank == 0, f"{blank} pixels")
    canvas.send_keys(Keys.ARROW_RIGHT, Keys.ENTER)
    results.test("Enter opens a cell", len(page.texts("#crumbs button")) == 2,
                 page.texts("#crumbs button"))
    canvas.send_keys(Keys.ESCAPE)
    results.test("Escape goes up", len(page.texts("#crumbs button")) == 1)


INK = """
    const c = document.getElementById('map'), d = c.getContext('2d')
        .getImageData(0, 0, c.width, c.height).data;
    let sum = 0;
    for (let i = 0; i < d.length; i++) sum += d[i];
    return sum;"""


def test_filter_dims_the_map(results, page):
    before = page.driver.execute_script(INK)
    page.type("plain")
    dimmed = page.driver.execute_script(INK)
    page.type("")
    results.test("a filter dims the map, and gives it back",
                 dimmed != before and page.driver.execute_script(INK) == before,
                 (before, dimmed))


def test_click(results, page):
    page.driver.find_element(By.ID, "map").click()
    results.test("a click opens a cell",
                 len(page.texts("#crumbs button")) > 1 or page.texts("#detail h2"),
                 page.texts("#crumbs button"))
    for button in page.driver.find_elements(By.CSS_SELECTOR, "#crumbs button")[:1]:
        button.click()
    results.test("the first crumb leads back", len(page.texts("#crumbs button")) == 1)


def test_link(results, path):
    driver = browser(1280, 900)
    driver.get(pathlib.Path(path).as_uri() + "#sym=plain")
    page = Page.__new__(Page)
    page.driver = driver
    results.test("a link opens its symbol",
                 wait(driver, "document.body.dataset.ready") and
                 page.texts("#detail h2")[:1] == ["plain"], page.texts("#detail h2"))
    driver.quit()


def test_many(results, folder):
    """As many symbols as a distribution's kernel has."""
    old, new = (os.path.join(folder, name) for name in ("many.old.o", "many.new.o"))
    path = os.path.join(folder, "many.html")
    assemble(old, {f"function_{i}": 16 + i % 97 for i in range(130000)})
    assemble(new, {f"function_{i}": 16 + i % 89 for i in range(130000)})
    run("-f", "html", "-o", path, old, new)
    driver = browser(1280, 900)
    page = Page(driver, path)
    ready, took = True, []
    for _ in range(3):          # of a busy machine the best
        driver.refresh()
        ready &= wait(driver, "document.body.dataset.ready")
        took.append(driver.execute_script(
            "const t = performance.timing; return t.loadEventEnd - t.navigationStart"))
    print(f"130,000 symbols load in {min(took)} ms")    # told, not judged
    results.test("130,000 symbols load", ready and page.count()[0] >= 130000,
                 (took, page.texts("#count")))
    took = driver.execute_script("""
        const scroll = document.getElementById('scroll'), start = performance.now();
        for (let i = 0; i < 60; i++) {
            scroll.scrollTop = i * 40000;
            scroll.dispatchEvent(new Event('scroll'));
            document.body.offsetHeight;
        }
        return (performance.now() - start) / 60;""")
    print(f"a far scroll of the table takes {took:.1f} ms")
    driver.quit()


def test_narrow(results, path):
    driver = browser(390, 800)
    page = Page(driver, path)
    ready = wait(driver, "document.body.dataset.ready")
    overflow = driver.execute_script(
        "return document.documentElement.scrollWidth - document.documentElement.clientWidth")
    results.test("a narrow page does not scroll sideways", ready and overflow <= 0, overflow)
    driver.save_screenshot(os.path.join(os.path.dirname(path), "narrow.png"))
    results.test("a narrow page has no errors", not page.severe())
    driver.quit()


def main():
    results = Results()
    with tempfile.TemporaryDirectory() as folder:
        old, new = (os.path.join(folder, name) for name in ("old.o", "new.o"))
        path = os.path.join(folder, "report.html")
        assemble(old, {name: 64 + 16 * i for i, name in enumerate(HOSTILE)})
        assemble(new, {name: 64 + 48 * i for i, name in enumerate(HOSTILE)} | {"plain": 99})
        done = run("-f", "html", "-o", path, "-d", "file", old, new)
        results.test("the report is written", done.returncode == 0, done.stderr)
        report = load(old, new, "-b", "symbol", "-d", "file")
        driver = browser(1280, 1400)
        page = Page(driver, path)
        test_page(results, page, report)
        test_use(results, page)
        test_filter_dims_the_map(results, page)
        test_click(results, page)
        test_map(results, page)
        severe = page.severe()
        results.test("the browser has nothing to complain of", not severe, json.dumps(severe)[:500])
        driver.quit()
        test_narrow(results, path)
        test_link(results, path)
        test_many(results, folder)
    return 1 if results.failed else 0


if __name__ == "__main__":
    sys.exit(main())
