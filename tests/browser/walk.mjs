// Visitors, members and owners walk through all pages: links are followed and forms are filled in and sent by clicking, on a
// phone's width and on a desk's; each page must have no script, must be free of what axe-core calls serious, in
// light and in dark, must not be wider than the window, and must say what it should.
import fs from 'node:fs';
import path from 'node:path';
import { createRequire } from 'node:module';
import puppeteer from 'puppeteer-core';
import { Site } from './site.mjs';

const [programs, shots] = process.argv.slice(2);
const AXE = fs.readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const WIDTHS = { phone: { width: 390, height: 844, isMobile: true, hasTouch: true, deviceScaleFactor: 1 },
  desk: { width: 1280, height: 900 } };
const faults = [];

class Walker {
  constructor(browser, site, width) {
    Object.assign(this, { browser, site, width, seen: new Set(), violations: new Map() });
  }

  async begin() {
    this.context = await this.browser.createBrowserContext();
    this.page = await this.context.newPage();
    await this.page.setViewport(WIDTHS[this.width]);
    this.page.on('pageerror', (error) => this.fault(`script error: ${error.message}`));
    this.page.on('requestfailed', (request) => this.fault(`not loaded: ${request.url()}`));
    this.page.on('request', (request) => {
      const url = request.url();
      if (!url.startsWith(`http://127.0.0.1:${this.site.port}/`) && !url.startsWith('data:')) this.fault(`leads elsewhere: ${url}`);
    });
  }

  fault(text) {
    faults.push(`${this.width}: ${this.name ?? ''}: ${text}`);
    console.log('   ! ' + text);
  }

  async open(address, name, expected) {
    const response = await this.page.goto(new URL(address, this.site.url).href);
    if (response.status() >= 500) this.fault(`status ${response.status()}`);
    await this.look(name, expected);
  }

  // Clicks on a link or button by its label or selector, and waits for the next page.
  async click(target, name, expected) {
    const handle = await this.find(target);
    if (!handle) return this.fault(`nothing to click: ${target}`);
    const press = async () => {
      await handle.focus();
      await this.page.keyboard.press('Enter');
    };
    // What the mouse does not reach at once is pressed with the keyboard.
    await handle.evaluate((node) => node.scrollIntoView({ block: 'center' }));
    const [response] = await Promise.all([this.page.waitForNavigation(), handle.click().catch(press)]);
    if (response && response.status() >= 500) this.fault(`status ${response.status()}`);
    await this.look(name, expected);
  }

  async find(target) {
    if (/^[[#]|^[a-z]+\[/.test(target)) return this.page.$(target);
    const handles = await this.page.$$('a, input[type=submit i], button');
    for (const handle of handles) {
      const label = await handle.evaluate((node) => (node.value || node.textContent).replace(/\s+/g, ' ').trim());
      const box = await handle.boundingBox();
      if ((label === target || label.startsWith(target)) && box && box.x >= 0) return handle;
    }
    return null;
  }

  async fill(fields) {
    for (const [name, value] of Object.entries(fields)) {
      const box = await this.page.$(`[name="${name}"]`);
      if (!box) { this.fault(`no field ${name}`); continue; }
      const kind = await box.evaluate((node) => (node.type || node.tagName).toLowerCase());
      if (kind === 'radio') await this.tick(await this.page.$(`[name="${name}"][value="${value}"]`));
      else if (kind === 'checkbox') await this.tick(box);
      else if (kind.startsWith('select')) await box.select(String(value));
      else {
        await box.evaluate((node) => { node.value = ''; });
        await box.type(String(value));
      }
    }
  }

  // By the mouse, or by the keyboard what it does not reach at once.
  async tick(box) {
    await box.click().catch(async () => {
      await box.focus();
      await this.page.keyboard.press('Space');
    });
  }

  async look(name, expected) {
    this.name = name;
    const text = await this.page.evaluate(() => document.body.innerText);
    for (const part of [expected ?? []].flat()) {
      if (!text.includes(part)) this.fault(`does not say "${part}": ${text.slice(0, 200).replace(/\s+/g, ' ')}`);
    }
    if (this.seen.has(name)) return;
    this.seen.add(name);
    console.log(`${this.width} ${name}`);
    const facts = await this.page.evaluate(() => ({ widest: [...document.querySelectorAll('body *')]
      .reduce((one, other) => (other.getBoundingClientRect().right > one.getBoundingClientRect().right ? other : one)).outerHTML.slice(0, 120),
      wide: document.scrollingElement.scrollWidth,
      scripts: document.scripts.length, title: document.title, language: document.documentElement.lang }));
    // Pages of the archive are as Pipermail makes them.
    const isOwn = !/^archive|^private$/.test(name);
    if (isOwn && facts.wide > WIDTHS[this.width].width + 3) this.fault(`${facts.wide} pixels wide: ${facts.widest}`);
    if (facts.scripts) this.fault('has a script');
    if (isOwn && !(facts.title && facts.language)) this.fault('no title or no language');
    for (const scheme of ['light', 'dark']) {
      await this.page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: scheme }]);
      if (isOwn) await this.judge(scheme);
      const file = `${this.width}-${name}${scheme === 'dark' ? '-dark' : ''}.png`;
      await this.page.screenshot({ path: path.join(shots, file), fullPage: true });
    }
    await this.page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: 'light' }]);
  }

  // The table of members keeps to the letter the markup that programs read, and is left out.
  async judge(scheme) {
    const found = await this.page.evaluate(`${AXE}; axe.run({ exclude: [['table[border="2"]']] }, { resultTypes: ['violations'] })`);
    for (const violation of found.violations.filter(({ impact }) => ['serious', 'critical'].includes(impact))) {
      for (const node of violation.nodes.slice(0, 5)) {
        this.fault(`${scheme}: axe: ${violation.id}: ${node.html.slice(0, 120)} ${node.any[0]?.message ?? ''}`.slice(0, 260));
      }
    }
  }

  async end() {
    await this.context.close();
  }
}

async function visitor(walk, site) {
  await walk.open('listinfo', 'listinfo-overview', ['Garden', 'Choir']);
  await walk.click('Garden', 'listinfo', 'Everything that grows');
  const address = `dora-${walk.width}@example.org`;
  await walk.fill({ email: address, fullname: 'Dora Ek', pw: 'tulip', 'pw-conf': 'tulip' });
  await walk.click('Subscribe', 'subscribe', 'Garden');
  await walk.open(`confirm/garden/${site.cookie()}`, 'confirm', address);
  await walk.click('Subscribe to list', 'confirmed', 'successfully');
  await walk.open('confirm/garden/' + 'a'.repeat(40), 'confirm-unknown', 'Bad confirmation string');
  await walk.open('confirm/garden', 'confirm-empty');
  await walk.open('listinfo/nothing', 'no-such-list', 'No such list');
  await walk.open(`options/garden/${address}`, 'options-login');
  await walk.fill({ password: 'wrong' });
  await walk.click('Log in', 'options-refused', 'Authentication failed');
  await walk.open(`options/garden/${address}`, 'options-login');
  await walk.fill({ password: 'tulip' });
  await walk.click('Log in', 'options', 'Dora Ek');
  await walk.fill({ ackposts: 1, conceal: 1 });
  await walk.click('Submit My Changes', 'options-changed', 'successfully set');
  await walk.click('List my other subscriptions', 'options-others', 'Garden');
  await walk.open(`options/garden/${address}`, 'options');
  await walk.click('Log out', 'options-logged-out');
  await walk.open('listinfo/garden', 'listinfo');
  await walk.fill({ 'roster-email': address, 'roster-pw': 'tulip' });
  await walk.click('Visit Subscriber List', 'roster', 'anna at example.org');
  await walk.open('/pipermail/garden/', 'archive', 'March 2026');
  await walk.open('listinfo/garden/search?q=tomatoes', 'search', 'Seedlings');
  await walk.open('private/garden/', 'private', 'March 2026');
  await walk.open('options/garden', 'options-whom');
}

async function stranger(walk) {
  await walk.open('private/choir/', 'private-login');
  await walk.fill({ username: 'x@example.org', password: 'wrong' });
  await walk.click('Let me in', 'private-refused', 'Authorization failed');
  await walk.open('listinfo/choir', 'listinfo-closed', 'closed list');
  await walk.fill({ email: `eve-${walk.width}@example.org`, fullname: 'Eve' });
  await walk.click('Subscribe', 'subscribe-held', 'moderator');
}

const CATEGORIES = ['general', 'passwords', 'language', 'members/list', 'members/add', 'members/remove', 'nondigest', 'digest',
  'privacy/subscribing', 'privacy/sender', 'privacy/recipient', 'privacy/spam', 'bounce', 'archive', 'gateway', 'autoreply',
  'contentfilter', 'topics'];

async function owner(walk, site) {
  const list = `flowers-${walk.width}`;
  await walk.open('create', 'create');
  await walk.fill({ listname: list, owner: 'rose@example.org', password: 'rose-secret', confirm: 'rose-secret',
    autogen: 0, auth: 'site-secret' });
  await walk.click('Create List', 'created', 'has been made');
  await walk.open('admin', 'admin-overview', 'Garden');
  await walk.open(`admin/${list}`, 'admin-login');
  await walk.fill({ adminpw: 'rose-secret' });
  await walk.click('Let me in', 'admin-general', 'General Options');
  for (const category of CATEGORIES) {
    const name = `admin-${category.replace('/', '-')}`;
    await walk.open(`admin/${list}/${category}`, name);
    const box = await walk.page.$('form textarea, form input[type=text i]');
    if (category === 'general') await walk.fill({ description: 'Flowers of the year' });
    if (category === 'privacy/sender') await walk.fill({ default_member_moderation: 0, generic_nonmember_action: 1 });
    if (category === 'members/add') {
      await walk.fill({ subscribees: 'Ida Holm <ida@example.org>\nJon Lie <jon@example.net>\nbad address' });
    }
    if (category === 'members/remove') await walk.fill({ unsubscribees: 'jon@example.net' });
    if (box && category === 'topics') await walk.fill({ topic_box_01: 'Roses', topic_rebox_01: 'rose', topic_desc_01: 'Roses' });
    await walk.click('Submit Your Changes', `${name}-sent`);
  }
  await walk.open(`admin/${list}/members`, 'admin-members', ['ida@example.org']);
  await walk.fill({ 'ida%40example.org_mod': 1, findmember: '' });
  await walk.click('[name="setmemberopts_btn"]', 'admin-members-sent', 'ida@example.org');
  await walk.fill({ findmember: 'ida' });
  await walk.click('[name="findmember_btn"]', 'admin-members-found', 'ida@example.org');
  await walk.open(`admin/${list}/?VARHELP=general/subject_prefix`, 'admin-help', 'subject_prefix');
  await walk.open(`edithtml/${list}`, 'edithtml');
  await walk.open(`edithtml/${list}/listinfo.html`, 'edithtml-page');
  site.post(list, 'stranger@example.com', 'May I ask something?');
  site.post(list, 'spammer@example.com', 'Buy now');
  await walk.open(`admindb/${list}`, 'admindb', 'May I ask something?');
  await walk.open(`admindb/${list}?details=all`, 'admindb-details', 'May I ask something?');
  await walk.open(`admindb/${list}?details=instructions`, 'admindb-instructions');
  await walk.open(`admindb/${list}`, 'admindb');
  await walk.fill({ 'senderaction-spammer%40example.com': 3, 'senderaction-stranger%40example.com': 1 });
  await walk.click('Submit All Data', 'admindb-done', 'no pending requests');
  await walk.open('admindb/choir', 'admindb-login');
  await walk.fill({ adminpw: 'vera-secret' });
  await walk.click('Let me in', 'admindb-requests', `eve-${walk.width}@example.org`);
  const id = await walk.page.$eval('input[type=radio i]', (node) => node.name);
  await walk.fill({ [id]: 4 });
  await walk.click('Submit All Data', 'admindb-requests-done');
  await walk.open(`admin/${list}/logout`, 'admin-logged-out');
  await walk.open(`rmlist/${list}`, 'rmlist');
  await walk.fill({ password: 'rose-secret', delarchives: 1 });
  await walk.click('Delete this list', 'removed', 'has been removed');
  await walk.open(`listinfo/${list}`, 'no-such-list', 'No such list');
}

// Through the queue of held posts by the pages' keys, from one to the next; a key of the browser's own goes with each.
async function queue(walk, site) {
  for (const n of [1, 2, 3]) site.post('garden', `queue${n}@example.com`, `Waiting ${n} ${walk.width}`);
  await walk.open('admindb/garden', 'admindb-login');
  await walk.fill({ adminpw: 'rose-secret' });
  await walk.click('Let me in', 'admindb-queue', `Waiting 1 ${walk.width}`);
  await walk.click('a[href*="msgid="]', 'admindb-post', 'Next held post');
  // The driver's own keyboard leaves out what the key would type, by which Chromium finds an access key.
  const client = await walk.page.createCDPSession();
  const press = async (key) => {
    const event = { modifiers: 1, key, code: `Key${key.toUpperCase()}`, text: key, unmodifiedText: key,
      windowsVirtualKeyCode: key.toUpperCase().charCodeAt(0) };
    await client.send('Input.dispatchKeyEvent', { type: 'keyDown', ...event });
    await client.send('Input.dispatchKeyEvent', { type: 'keyUp', ...event, text: '', unmodifiedText: '' });
  };
  const leads = async (key, name, expected) => {
    await Promise.all([walk.page.waitForNavigation(), press(key)]);
    await walk.look(name, expected);
  };
  const first = walk.page.url();
  await leads('n', 'admindb-next');
  if (walk.page.url() === first) walk.fault('the next post is this one');
  await leads('p', 'admindb-post');
  if (walk.page.url() !== first) walk.fault('the way back leads elsewhere');
  await press('d');
  const chosen = await walk.page.$eval('input[type=radio i][accesskey=d]', (node) => node.checked);
  if (!chosen) walk.fault('the key d chooses nothing');
  await leads('s', 'admindb-decided', `Waiting 3 ${walk.width}`);
}

// With the keyboard alone: each control is reached in turn and shows that it is, and Enter sends the form.
async function keyboard(walk) {
  await walk.open('listinfo/garden', 'listinfo');
  const reached = new Set();
  const all = await walk.page.$$eval('a[href], input:not([type=hidden i]), select, textarea, button', (nodes) => nodes.length);
  for (let step = 0; step < all + 5; step += 1) {
    await walk.page.keyboard.press('Tab');
    const now = await walk.page.evaluate(() => {
      const node = document.activeElement;
      const style = getComputedStyle(node);
      return { name: node.name ?? node.href ?? '', seen: node === document.body || style.outlineStyle !== 'none' };
    });
    if (!now.seen) walk.fault(`focus is not seen: ${now.name}`);
    reached.add(now.name);
  }
  for (const name of ['email', 'fullname', 'pw', 'pw-conf', 'digest', 'email-button']) {
    if (!reached.has(name)) walk.fault(`the keyboard does not reach ${name}`);
  }
  await walk.page.focus('[name=email]');
  await walk.page.keyboard.type(`key-${walk.width}@example.org`);
  await Promise.all([walk.page.waitForNavigation(), walk.page.keyboard.press('Enter')]);
  await walk.look('subscribe', 'Garden');
}

const site = await Site.make(programs);
fs.mkdirSync(shots, { recursive: true });
const browser = await puppeteer.launch({ executablePath: process.env.CHROMIUM, args: ['--no-sandbox', '--disable-gpu'] });
try {
  await site.serve();
  for (const width of Object.keys(WIDTHS)) {
    for (const part of [visitor, stranger, owner, queue, keyboard]) {
      const walk = new Walker(browser, site, width);
      await walk.begin();
      await part(walk, site);
      await walk.end();
    }
  }
} finally {
  await browser.close();
  site.end();
}
console.log(faults.length ? `\n${faults.length} faults:\n${faults.join('\n')}` : '\nall pages are in order');
process.exit(faults.length ? 1 : 0);
