# SPDX-License-Identifier: Apache-2.0
"""usage: read_pages.py FOLDER [all]

Reads names.html in a browser, with `all` removals.html, waiting.html and many.html too; prints "ok WHAT" or
"no WHAT", a line each. Pictures of each width, and a PDF, stay in the folder."""
import pathlib
import sys

import browse
import change_store

WIDTHS = (1280, 800, 400)
CELLS = "[...document.querySelectorAll('#trial-rows tbody tr:not(.gap)')]"
COLUMN = CELLS + ".map(r => r.cells[%d].textContent)"
# what a page must have for a keyboard and for those who listen
STRUCTURE = """(() => {
  const all = (s) => [...document.querySelectorAll(s)], wrong = [];
  let level = 0;
  for (const h of all('h1, h2, h3, h4')) {
    const n = Number(h.tagName[1]);
    if (n > level + 1) wrong.push('heading ' + h.textContent + ' after level ' + level);
    level = n;
  }
  if (all('h1').length !== 1) wrong.push('not one h1');
  for (const t of all('table')) {
    if (!t.caption) wrong.push('a table without caption');
    if ([...t.querySelectorAll('thead th')].some(th => th.scope !== 'col')) wrong.push('th without scope');
  }
  for (const i of all('img')) if (!i.alt) wrong.push('a picture without a text');
  for (const f of all('figure')) if (!f.querySelector('details a[download]')) wrong.push('no numbers');
  for (const e of all('input, select')) if (!e.labels.length) wrong.push('a field without a label');
  const ids = all('[id]').map(e => e.id);
  if (new Set(ids).size !== ids.length) wrong.push('an id twice');
  for (const a of all('a[href^="#"]')) if (!document.getElementById(a.hash.slice(1))) wrong.push(a.hash);
  if (!all('main').length || !all('nav').length || !document.documentElement.lang) wrong.push('landmarks');
  return wrong.join('; ');
})()"""


def tell(right, what):
    print("ok" if right else "no", what.replace("\n", " "), flush=True)


def see_all(browser, name):
    """Three widths, light and dark, and paper: nothing is said, asked for or wider than the window."""
    page = browser.open(name + ".html")
    for width in WIDTHS:
        page.size(width)
        page.picture("%s-%d.png" % (name, width), whole=False)
        wide = page.value("document.documentElement.scrollWidth")
        tell(wide <= width, "%s fits %d pixels (%s)" % (name, width, wide))
    light = page.value("getComputedStyle(document.body).backgroundColor")
    page.ground(dark=True)
    dark = page.value("getComputedStyle(document.body).backgroundColor")
    tell(light != dark, "%s has a dark ground: %s, %s" % (name, light, dark))
    page.paper(name + ".pdf")
    tell(pathlib.Path(name + ".pdf").stat().st_size > 10000, name + " goes on paper")
    finish(page, name)


def finish(page, name):
    wrong = page.value(STRUCTURE)
    tell(not wrong, "%s has its landmarks, headings, captions and texts %s" % (name, wrong))
    tell(not page.complaints, "%s: nothing on the console %s" % (name, page.complaints[:2]))
    tell(not page.requests, "%s: nobody is asked %s" % (name, page.requests[:2]))
    page.close()


def see_names(browser):
    page = browser.open("names.html", width=WIDTHS[-1])
    wide = page.value("document.documentElement.scrollWidth")
    tell(wide <= WIDTHS[-1], "names fits %d pixels (%s)" % (WIDTHS[-1], wide))
    text = page.value("document.body.textContent")
    for name in change_store.NAMES:
        shown = name.replace("\u202e", "\\u202e").replace("\u2066", "\\u2066")
        tell(shown in text, "shown as it is: " + ascii(shown[:40]))
    tell(page.value("window.hit === undefined && !document.querySelector('main img:not([alt])')"),
         "no name runs or loads anything")
    tell("\\xff\\xfe bytes" in text, "bytes that are no text are shown")
    tell(page.value("document.querySelectorAll('script').length") == 2, "no name makes a script")
    finish(page, "names")


def see_many(browser):
    plain = browser.open("many.html", script=False)
    rows = plain.value("document.querySelectorAll('#trial-rows tbody tr').length")
    tell(rows == 25, "without a script the first trials are there (%s)" % rows)
    first = plain.value("document.querySelector('#trial-rows tbody').innerText")
    plain.close()
    page = browser.open("many.html")
    tell(page.seconds < 60, "10,000 trials open in %.1f s" % page.seconds)
    tell(page.value(CELLS + ".length") < 200, "only the rows in view are drawn")
    again = page.value(CELLS + ".slice(0, 25).map(r => [...r.cells].map(c => c.textContent).join('\\t'))"
                       ".join('\\n')")
    tell(first.split() == again.split(), "the script writes numbers as the program does")
    count = page.value("document.getElementById('trial-count').textContent")
    tell(count == "10,000 of 10,000 trials", "all are counted: " + count)
    place = page.value("[...document.querySelectorAll('#trial-rows thead th')]"
                       ".findIndex(h => h.textContent === 'loss')")
    head = "document.querySelectorAll('#trial-rows thead th')[%d]" % place
    for way, check in (("ascending", sorted), ("descending", lambda v: sorted(v, reverse=True))):
        took = page.value("(() => { const t = performance.now(); %s.firstChild.click(); "
                          "return performance.now() - t; })()" % head)
        values = [float(v) for v in page.value(COLUMN % place)]
        tell(values == check(values) and page.value(head + ".ariaSort") == way,
             "sorts, %s, in %d ms" % (way, took))
        tell(took < 5000, "soon")
    tell(values[0] > .999, "the highest of all is the first one")
    page.value("document.querySelector('.rows').scrollTop = 1e9")
    page.value("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    last = page.value("Number(%s.at(-1).getAttribute('aria-rowindex'))" % CELLS)
    tell(last == 10001, "the last row is drawn when it comes into view (%s)" % last)
    see_filters(page)
    finish(page, "many")


def see_filters(page):
    count = "document.getElementById('trial-count').textContent"
    set_to = ("(() => { const e = document.getElementById('%s'); e.value = %s; "
              "e.dispatchEvent(new Event('input', {bubbles: true})); })()")
    page.value(set_to % ("trial-task", "'1'"))
    tell(page.value(count) == "5,000 of 10,000 trials", "a choice filters: " + page.value(count))
    tell(set(page.value(COLUMN % 1)) == {"sst2"}, "to that task")
    page.value(set_to % ("trial-search", "'VARIANT 62 .9'"))
    left = int(page.value(count).split()[0].replace(",", ""))
    tell(0 < left < 100, "words filter what is shown: %d" % left)
    page.value("document.querySelector('.filters').reset()")
    page.value("new Promise(done => setTimeout(done, 50))")
    tell(page.value(count).startswith("10,000"), "and all are back")


def main(folder, much=""):
    with browse.Browser(folder) as browser:
        see_names(browser)
        if much == "all":
            see_all(browser, "removals")
            see_all(browser, "waiting")
            see_many(browser)


if __name__ == "__main__":
    main(*sys.argv[1:])
