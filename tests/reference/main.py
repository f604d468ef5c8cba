"""Python 2. What tests/support/comparison.rs asks of an installed Mailman, one order a call:

make SITE PREFIX SEED LISTS MESSAGES           a site with lists and with entries in `in`
make_commands SITE PREFIX SEED LISTS MESSAGES  the same with entries in `commands`
run SITE RUNNER                                empties that runner's queue by Mailman's own class
answer SITE SEED                               mail comes in that answers notices of held posts
decide SITE SEED                               a moderator decides about the held posts
reply SITE SEED                                a moderator decides, and people confirm what waits for them
show SITE                                      everything that the site holds, as text

The site's path is the same for both programs; the test moves folders.
"""
import gc
import os
import random
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))


# From this seed on most bodies, or commands, want to break something; from `odd.FIRST` on much else is odd.
HOSTILE = 500


def open_site(site):
    """As the programs in `bin` do it: their `paths` also adds names of charsets."""
    sys.path.insert(0, os.path.join(site, 'bin'))
    import paths


def make(site, prefix, seed, lists, messages):
    import layout
    import odd
    r = random.Random(int(seed))
    is_odd = int(seed) >= odd.FIRST
    layout.lay_out(site, prefix, layout.settings(r) + (is_odd and odd.settings(r) or []))
    open_site(site)
    import lists as makers
    os.umask(002)
    names = [makers.make(r, number, is_odd and odd.change_list) for number in range(int(lists))]
    enqueue(r, names, int(messages), HOSTILE <= int(seed) < odd.FIRST, is_odd and odd.changed)


def enqueue(r, names, count, is_hostile, changed):
    from Mailman import mm_cfg
    from Mailman.Queue.Switchboard import Switchboard
    import hostile
    import messages
    entity = is_hostile and hostile.entity or messages.entity
    queue = Switchboard(mm_cfg.INQUEUE_DIR)
    mlists = [opened(name) for name in names]
    for number in range(count):
        mlist = r.choice(mlists)
        data = {'received_time': 1773136000.25 + number, 'listname': mlist.internal_name()}
        data.update(kind(r, mm_cfg))
        text = messages.message(r, mlist, number, entity)
        queue.enqueue(changed and changed(r, text) or text, data, _plaintext=1)


def kind(r, mm_cfg):
    """Most are posts; some come from elsewhere."""
    chance = r.random()
    if chance < 0.08:
        return {'toowner': 1, 'pipeline': mm_cfg.OWNER_PIPELINE, 'envsender': 'mailman-bounces@lists.example.com'}
    if chance < 0.12:
        return {'tolist': 1, 'fromusenet': 1}
    if chance < 0.16:
        return {'tolist': 1, 'approved': 1, 'adminapproved': 1}
    if chance < 0.18:
        return {'tolist': 1, 'noack': 1}
    return {'tolist': 1}


def make_commands(site, prefix, seed, lists, messages):
    import command_lists
    import layout
    r = random.Random(int(seed))
    layout.lay_out(site, prefix, command_lists.settings(r))
    open_site(site)
    os.umask(002)
    command_lists.add_site_password(site)
    made = [command_lists.make(r, number) for number in range(int(lists))]
    writers = [writer_of(seed)(r, opened(name), cookies) for name, cookies in made]
    for number in range(int(messages)):
        writer = r.choice(writers)
        command(writer.mlist, number, writer.mail(number))


def writer_of(seed):
    import command_abuse
    import command_mails
    return int(seed) >= HOSTILE and command_abuse.Writer or command_mails.Writer


def opened(name):
    from Mailman import MailList
    return MailList.MailList(name, lock=0)


def command(mlist, number, mail):
    """Puts a mail with commands into its queue."""
    from Mailman import mm_cfg
    from Mailman.Queue.Switchboard import Switchboard
    text, came_to = mail
    data = {'received_time': 1773136000.25 + number, 'listname': mlist.internal_name(), came_to: 1}
    Switchboard(mm_cfg.CMDQUEUE_DIR).enqueue(text, data, _plaintext=1)


def read_again(open_list):
    """Up to 2.1.14 a runner sees a list as it was, until it takes the lock, where another object of it was saved since."""
    def opened(name):
        mlist = open_list(name)
        if mlist:
            mlist.Load()
        return mlist
    return opened


def run(site, runner):
    # Up to 2.1.14 a list lives in memory until the collector comes by, which nobody can foretell.
    gc.disable()
    open_site(site)
    import deliberate
    os.umask(007)
    module = __import__('Mailman.Queue.' + runner, {}, {}, [runner])
    loop = getattr(module, runner)()
    if hasattr(loop, '_listcache'):
        loop._open_list = read_again(loop._open_list)
    deliberate.teach(loop)
    while loop._oneloop():
        pass
    loop._cleanup()


def answer(site, seed):
    """Answers to notices of held posts, for about half of them: some with a password, some to take a post back."""
    open_site(site)
    from Mailman import Utils, mm_cfg
    from Mailman.Queue.Switchboard import Switchboard
    import messages
    import show
    os.umask(007)
    r = random.Random(int(seed))
    queue = Switchboard(mm_cfg.CMDQUEUE_DIR)
    number = 0
    for name in sorted(Utils.list_names()):
        mlist = opened(name)
        for cookie in show.cookies_of_held(os.path.join(mlist.fullpath(), 'pending.pck')):
            number += 1
            text, kind = messages.answer(r, mlist, cookie)
            if r.random() < 0.5:
                data = {'listname': name, 'received_time': 1773140000.25 + number, kind: 1}
                queue.enqueue(text, data, _plaintext=1)


def decide(site, seed):
    """A moderator's hour, by Mailman's own code: every held post is let through, refused, thrown away or left."""
    open_site(site)
    from Mailman import MailList, Utils, i18n, mm_cfg
    os.umask(007)
    r = random.Random(int(seed))
    for name in sorted(Utils.list_names()):
        mlist = MailList.MailList(name)
        i18n.set_language(mlist.preferred_language)
        for id in sorted(mlist.GetHeldMessageIds()):
            value = r.choice([mm_cfg.APPROVE, mm_cfg.APPROVE, mm_cfg.REJECT, mm_cfg.DISCARD, mm_cfg.DEFER])
            forward = r.random() < 0.1
            comment = r.choice(['', 'Not here.'])
            # Of a post that is held as text the original cannot keep a copy: it reads a pickle there.
            preserve = r.random() < 0.1 and mlist.GetRecord(id)[4].endswith('.pck')
            try:
                mlist.HandleRequest(id, value, comment, preserve, forward, 'fwd@example.com')
            except UnicodeError:
                # A refusal whose text the list's charset cannot hold: the request stays.
                pass
        mlist.Save()
        mlist.Unlock()


def reply(site, seed):
    """Requests are decided on, and what waits for a confirmation is confirmed, most of it."""
    open_site(site)
    from Mailman import Utils
    decide_memberships(seed)
    r = random.Random(int(seed))
    number = 0
    for name in sorted(Utils.list_names()):
        mlist = opened(name)
        writer = writer_of(seed)(r, mlist, [])
        for cookie in waiting(mlist):
            number += 1
            if r.random() < 0.7:
                command(mlist, number, writer.answer(number, cookie))


def waiting(mlist):
    """Cookies in an order that does not depend on what is random about them."""
    import show as shower
    path = os.path.join(mlist.fullpath(), 'pending.pck')
    table = os.path.exists(path) and shower.loaded(path)[0] or {}
    cookies = [cookie for cookie in table if cookie not in ('evictions', 'version')]
    return sorted(cookies, key=lambda cookie: shower.shown(table[cookie]))


def decide_memberships(seed):
    from Mailman import MailList, Errors, Utils, i18n, mm_cfg
    os.umask(007)
    r = random.Random(int(seed))
    for name in sorted(Utils.list_names()):
        mlist = MailList.MailList(name)
        i18n.set_language(mlist.preferred_language)
        leaving = mlist.GetUnsubscriptionIds()
        for id in sorted(mlist.GetSubscriptionIds() + leaving):
            granted = id in leaving and mm_cfg.UNSUBSCRIBE or mm_cfg.SUBSCRIBE
            value = r.choice([granted, granted, mm_cfg.REJECT, mm_cfg.DISCARD, mm_cfg.DEFER])
            try:
                mlist.HandleRequest(id, value, r.choice(['', 'Not here.']))
            except (Errors.MMAlreadyAMember, Errors.MembershipIsBanned, Errors.NotAMemberError):
                pass
        mlist.Save()
        mlist.Unlock()


def show(site):
    open_site(site)
    import show as shower
    for block in shower.blocks(site):
        sys.stdout.write('\n'.join(block) + '\n\n')


ORDERS = {'make': make, 'make_commands': make_commands, 'run': run, 'answer': answer, 'decide': decide, 'reply': reply,
          'show': show}

if __name__ == '__main__':
    ORDERS[sys.argv[1]](*sys.argv[2:])
