"""Python 2. All that a site holds as text in blocks, equal for two programs that did the same: what cannot be equal twice
is replaced."""
import base64
import binascii
import cPickle
import os
import re
import types

MASKS = [(re.compile(pattern), new) for pattern, new in [
    (r'={15}\d{19}==', '<BOUNDARY>'),
    (r'\d{9,10}\.\d+\+[0-9a-f]{40}', '<ENTRY>'),
    (r'mailman\.\d+\.\d+\.\d+\.', 'mailman.<SERIAL>.'),
    (r'(/(?:=\n)?(?:\d(?:=\n)?){8}/(?:=\n)?)[0-9a-f](?:(?:=\n)?[0-9a-f]){7}(?=(?:=\n)?/)', r'\1<HASH>'),
    (r'<\d{14}\.\d+\.\d+@', '<<MSGID>@'),
    (r'(?<![0-9a-fA-F])(?:[0-9a-fA-F](?:=\n)?){39}[0-9a-fA-F](?![0-9a-fA-F])', '<TOKEN>'),
    (r'bounce-events-\d+', 'bounce-events-<PID>'),
    (r'(completed in|failure, msgid=.* after) \d+\.\d+ ', r'\1 <TIME> '),
    # An id with more digits makes the text longer.
    (r'size=\d+, message-id=<mailman\.<S', 'size=<SIZE>, message-id=<mailman.<S'),
    # What Mailman makes up as a password, and some words that look like one.
    (r'(?<![\w@.])(?:(?:[aeiou][b-df-hj-np-tv-z]|[b-df-hj-np-tv-z][aeiou])){4}(?![\w@.])', '<PASSWORD>'),
]]
FREE = re.compile(r'((?:Uncaught runner exception|Unpickling \.bak exception|send_digests\(\) failed): ).*')
# A runner that is started for each entry counts each one's bounces alone.
COUNTED = re.compile(r'<OutgoingRunner at \d+> processing \d+ queued bounces')
STAMP = re.compile(r'^\w{3} \d\d \d\d:\d\d:\d\d \d{4} \(\d+\) ?')


WORD = re.compile(r'=\?[\w-]+\?[bB]\?([A-Za-z0-9+/]{40,}={0,2})\?=')
BASE64 = re.compile(r'^(?:[A-Za-z0-9+/]{76}\n)+[A-Za-z0-9+/]*={0,2}$', re.M)


def mask(text):
    text = WORD.sub(opened_word, BASE64.sub(opened, text))
    for pattern, new in MASKS:
        text = pattern.sub(new, text)
    return text


def opened(found):
    """Base64 as Python writes it hides tokens: shown decoded."""
    text = found.group(0)
    try:
        plain = base64.decodestring(text)
    except (ValueError, binascii.Error):
        return text
    if base64.encodestring(plain).rstrip('\n') == text.rstrip('\n'):
        return '(base64)' + plain + '(end)' + '\n' * (len(text) - len(text.rstrip('\n')))
    return text


def opened_word(found):
    """An encoded word of a header may hide one too."""
    try:
        return '(word)' + base64.decodestring(found.group(1)) + '(end)'
    except (ValueError, binascii.Error):
        return found.group(0)


def quoted(text):
    text = mask(text) if isinstance(text, str) else text
    shown = repr(text)
    return shown if len(shown) < 110 else shown.replace('\\n', '\\n\n        ')


def dump(value, indent, out):
    """Typed lines for a value, dictionaries sorted."""
    pad = '  ' * indent
    if isinstance(value, dict):
        out.append(pad + 'dict')
        dump_pairs(value, indent + 1, out)
    elif isinstance(value, (list, tuple)):
        out.append(pad + type(value).__name__ + ' %d' % len(value))
        for item in value:
            dump(item, indent + 1, out)
    elif isinstance(value, (str, unicode)):
        out.append(pad + quoted(value))
    elif isinstance(value, types.InstanceType) or hasattr(value, '__dict__'):
        out.append(pad + 'instance ' + value.__class__.__module__ + '.' + value.__class__.__name__)
        dump_pairs(value.__dict__, indent + 1, out)
    else:
        out.append(pad + type(value).__name__ + ' ' + repr(value))


def shown(value):
    out = []
    dump(value, 0, out)
    return '\n'.join(out)


def dump_pairs(table, indent, out):
    for key in sorted(table, key=lambda key: (mask(key) if isinstance(key, str) else repr(key))):
        name = mask(key) if isinstance(key, str) else repr(key)
        lines = []
        dump(table[key], 0, lines)
        out.append('  ' * indent + name + ': ' + lines[0])
        out.extend(['  ' * indent + line for line in lines[1:]])


def loaded(path):
    """The pickles of a file."""
    values = []
    with open(path, 'rb') as file:
        while True:
            try:
                values.append(cPickle.load(file))
            except EOFError:
                return values


def queue_blocks(site):
    for folder, _, names in os.walk(os.path.join(site, 'qfiles')):
        for name in names:
            values = loaded(os.path.join(folder, name))
            when = values[-1].get('received_time') if isinstance(values[-1], dict) else None
            out = []
            for value in values:
                dump(value, 0, out)
            kind = os.path.splitext(name)[1]
            yield ['%s%s %r' % (os.path.relpath(folder, site), kind, when)] + out


def pending(path):
    """Requests in any order; their tokens are random."""
    table = loaded(path)[0]
    blocks = []
    for key, value in table.items():
        out = []
        if key == 'evictions':
            out.append('evictions %d, known %d' % (len(value), len([token for token in value if token in table])))
        else:
            dump(value, 0, out)
            out[0] = mask(str(key)) + ': ' + out[0]
        blocks.append(out)
    return [line for block in sorted(blocks) for line in block]


def cookies_of_held(path):
    """The cookies of a list's held posts, in the order of the posts."""
    table = os.path.exists(path) and loaded(path)[0] or {}
    held = [(value[1], key) for key, value in table.items() if isinstance(value, tuple) and value[0] == 'H']
    return [cookie for _, cookie in sorted(held)]


def file_lines(path):
    if path.endswith('pending.pck'):
        return pending(path)
    if path.endswith('.pck'):
        out = []
        for value in loaded(path):
            dump(value, 0, out)
        return out
    with open(path, 'rb') as file:
        return [repr(line) for line in mask(file.read()).split('\n')]


def file_blocks(site, top):
    for folder, folders, names in os.walk(os.path.join(site, top)):
        if 'history' in folders:
            # What our program alone keeps: who changed what.
            folders.remove('history')
        for name in names:
            path = os.path.join(folder, name)
            if name != 'config.pck.last' and not os.path.islink(path):
                yield [mask(os.path.relpath(path, site))] + file_lines(path)


def sent_blocks(site):
    """What the mail server got: the names of these files mean nothing."""
    folder = os.path.join(site, 'sent')
    for name in os.listdir(folder):
        with open(os.path.join(folder, name), 'rb') as file:
            text = file.read().replace('\r\n', '\n')
        yield ['sent'] + [repr(line) for line in mask(text).split('\n')]


def log_blocks(site):
    for name in sorted(os.listdir(os.path.join(site, 'logs'))):
        with open(os.path.join(site, 'logs', name)) as file:
            entries = []
            for line in mask(file.read()).split('\n'):
                stripped, stamped = STAMP.subn('', line)
                if COUNTED.match(stripped):
                    continue
                if stamped:
                    entries.append([stripped])
                elif entries:
                    entries[-1].append(line)
        # Notices of one moment go out in any order.
        lines = [line for entry in sorted([told(entry) for entry in entries]) for line in entry]
        if name != 'qrunner':
            yield ['logs/' + name] + [repr(line) for line in lines]


def told(entry):
    """An entry without a traceback and without the words of an exception, which are free."""
    for at, line in enumerate(entry):
        if line.startswith(('Traceback (most recent call last)', 'Traceback: ')):
            entry = entry[:at]
            break
    return [FREE.sub(r'\1<reason>', line) for line in entry if line]


def blocks(site):
    out = list(queue_blocks(site)) + list(log_blocks(site)) + list(sent_blocks(site))
    for top in ('lists', 'data', 'archives', 'spam', 'locks'):
        out += file_blocks(site, top)
    return sorted(out)
