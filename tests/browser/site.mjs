// A site of its own for the walk: folders, settings, lists, an archive; and the programs that work on it.
import { execFileSync, spawn } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';

const FOLDERS = ['Mailman', 'archives/private', 'archives/public', 'bin', 'data', 'lists', 'locks', 'logs', 'messages', 'qfiles',
  'spam', 'templates'];

async function freePort() {
  const server = net.createServer().listen(0, '127.0.0.1');
  await new Promise((ready) => server.once('listening', ready));
  const { port } = server.address();
  await new Promise((closed) => server.close(closed));
  return port;
}

export class Site {
  static async make(programs) {
    const site = new Site();
    site.home = fs.mkdtempSync(path.join(os.tmpdir(), 'mailman2-browser-'));
    site.programs = path.resolve(programs);
    site.port = await freePort();
    site.url = `http://127.0.0.1:${site.port}/mailman/`;
    for (const folder of FOLDERS) fs.mkdirSync(path.join(site.home, folder), { recursive: true, mode: 0o2775 });
    const { uid, gid } = process;
    const name = execFileSync('id', ['-un']).toString().trim();
    const group = execFileSync('id', ['-gn']).toString().trim();
    site.write('Mailman/Version.py', "VERSION = '2.1.39'\n");
    site.write('Mailman/mm_cfg.py', [
      'from Defaults import *',
      `MAILMAN_USER = '${name}'`, `MAILMAN_GROUP = '${group}'`,
      `DEFAULT_URL_HOST = '127.0.0.1:${site.port}'`, "DEFAULT_EMAIL_HOST = 'lists.example.org'",
      "DEFAULT_URL_PATTERN = 'http://%s/mailman/'", "PUBLIC_ARCHIVE_URL = 'http://127.0.0.1:" + site.port + "/pipermail/%(listname)s/'",
      'VIRTUAL_HOSTS.clear()', 'add_virtualhost(DEFAULT_URL_HOST, DEFAULT_EMAIL_HOST)', 'VIRTUAL_HOST_OVERVIEW = 0',
      'OWNERS_CAN_DELETE_THEIR_OWN_LISTS = 1', 'MTA = None', 'SMTPPORT = 9', "IMAGE_LOGOS = 0", ''].join('\n'));
    site.lists();
    return site;
  }

  write(name, text) {
    fs.writeFileSync(path.join(this.home, name), text);
  }

  run(args, input = '') {
    const env = { ...process.env, MAILMAN_PREFIX: this.home };
    return execFileSync(path.join(this.programs, 'mailman2-rs'), args, { input, env, stdio: ['pipe', 'pipe', 'pipe'] }).toString();
  }

  lists() {
    this.run(['newlist', '-q', 'mailman', 'postmaster@example.org', 'site-secret']);
    this.run(['mmsitepass', 'site-secret']);
    this.run(['newlist', '-q', 'garden', 'rose@example.org', 'rose-secret']);
    this.run(['newlist', '-q', 'choir', 'vera@example.org', 'vera-secret']);
    this.run(['add_members', '-r', '-', '-w', 'n', '-a', 'n', 'garden'],
      'Anna Berg <anna@example.org>\nBen Cole <ben@example.net>\nCleo Díaz <cleo@example.com>\n');
    this.set('garden', { description: 'Everything that grows in the allotments', advertised: 1,
      info: 'Seeds, soil and weather.\n\nPlease keep to the subject.' });
    this.set('choir', { description: 'Rehearsals and concerts', subscribe_policy: 2 });
    const month = ['Seedlings to give away', 'Re: Seedlings to give away', 'Water is off on Monday', 'Compost delivery'];
    const posts = month.map((subject, n) => [`From anna@example.org  Mon Mar  2 10:0${n}:00 2026`,
      'From: Anna Berg <anna@example.org>', 'To: garden@lists.example.org', `Subject: ${subject}`,
      `Date: Mon, 02 Mar 2026 10:0${n}:00 +0000`, `Message-ID: <${n}@example.org>`,
      ...(n === 1 ? ['In-Reply-To: <0@example.org>'] : []), '', 'There are tomatoes, beans and a few pumpkins left.', '', ''].join('\n'));
    fs.writeFileSync(path.join(this.home, 'archives/private/garden.mbox/garden.mbox'), posts.join('\n'));
    this.run(['arch', '--wipe', '--quiet', 'garden']);
  }

  set(list, options) {
    const text = Object.entries(options).map(([name, value]) => `${name} = ${JSON.stringify(value)}\n`).join('');
    const file = path.join(this.home, 'options');
    fs.writeFileSync(file, text);
    this.run(['config_list', '-i', file, list]);
    fs.unlinkSync(file);
  }

  // A post, as far as the incoming runner brings it.
  post(list, from, subject) {
    this.run(['inject', '-l', list],
      `From: ${from}\nTo: ${list}@lists.example.org\nSubject: ${subject}\nMessage-ID: <${Math.random()}@x>\n\nHello all.\n`);
    // One call may leave what came in the same moment to the next.
    const waiting = () => fs.readdirSync(path.join(this.home, 'qfiles/in')).some((name) => name.endsWith('.pck'));
    do this.run(['qrunner', '-o', '-r', 'IncomingRunner']); while (waiting());
  }

  // The cookie of the newest mail that asks to confirm.
  cookie() {
    const folder = path.join(this.home, 'qfiles/virgin');
    const entries = fs.readdirSync(folder).filter((name) => name.endsWith('.pck')).sort();
    const texts = entries.reverse().map((name) => fs.readFileSync(path.join(folder, name)).toString('latin1'));
    const found = texts.map((text) => text.match(/confirm[ +]([0-9a-f]{40})/)).find(Boolean);
    if (!found) throw new Error('no mail asks to confirm');
    return found[1];
  }

  async serve() {
    const env = { ...process.env, MAILMAN_PREFIX: this.home };
    const args = ['serve', '--listen', `127.0.0.1:${this.port}`];
    this.server = spawn(path.join(this.programs, 'mailman2-rs'), args, { env, stdio: ['ignore', 'pipe', 'inherit'] });
    await new Promise((ready, failed) => {
      this.server.stdout.once('data', ready);
      this.server.once('exit', () => failed(new Error('serve ended')));
    });
  }

  end() {
    this.server?.kill('SIGTERM');
    fs.rmSync(this.home, { recursive: true, force: true });
  }
}
