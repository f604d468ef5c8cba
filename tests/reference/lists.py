# -*- coding: utf-8 -*-
"""Python 2. Lists with all kinds of options, made through Mailman's own classes."""
import os
from sha import new as sha

LANGUAGES = ['en', 'en', 'en', 'en', 'de', 'fr', 'ja', 'ru', 'zh_CN', 'pt_BR', 'es', 'ko', 'pl', 'ar', 'it', 'ro', 'zh_TW', 'tr']
DOMAINS = ['example.com', 'example.org', 'sub.example.net', 'Example.NET']
NAMES = ['', 'Ann Field', 'M\xfcller, J\xf6rg', u'Ren\xe9e \u017bak', '"Quoted" Bob', 'a.b', 'Bob (the builder)', 'x' * 90,
         u'\u5c71\u7530', 'who@ex.am', '\xe5\xb1\xb1 utf', 'back\\slash', 'tab\tname']
TEXTS = ['', 'Plain text.\n', 'Gr\xfc\xdfe von %(listname)s\n', '%(real_name)s at %(host_name)s\n%(web_page_url)slistinfo\n',
         'broken %(format\n', '100% sure %d\n', '%(nosuch)s\n', '$listname and ${listurl} $$5\n', '\xa4\xb3\xa4\xec euc\n', '   \n\n', 'Long line ' * 30 + '\n', 'no newline at end', '%(listurl)s %(requestemail)s %(owneremail)s\n']
# A broken format in a notice makes 2.1.13 raise, which ours does not.
NOTICES = [text for text in TEXTS if text not in ('broken %(format\n', '100% sure %d\n')]
PATTERNS = ['^.*@example\\.org$', '^ann', '^[bad', '^(a|b', 'bob@example.com', 'ANN@Example.COM', '^M[0-9]+@', '^.*\\.net',
            '@other', '@OTHER', ' @other ', '@missing', '@', '^', 'x', '', '^(?i)carl', '^m1', '@self']
PREFIXES = ['', '', '[%s] ', '[Club] ', '[club %d] ', '[%05d]', '(M\xfcll) ', 'no-brackets ', '[\xa4\xb3\xa4\xec] ', '[a.b*] ', '%s',
            '[100%] ', '[%(x)s]', u'[\u20ac] ', '[RE: x] ', '   ']
DESCRIPTIONS = ['', 'A list', 'K\xfcche & Garten', 'quo"ted, list', '\xa4\xb3\xa4\xec\xa4\xcf', u'uni \u20ac', 'very long ' * 20,
                'dot.ted <x>', 'B\xc3\xa4ume', 'back\\slash (paren)', 'two\nlines']
FILTER_RULES = ['subject: .*spam', '^x-spam-flag: yes', 'content-type:.*html', 'from: .*@example\\.org', '[bad\nsubject: hold',
                '# comment\n\nto: .*club', 'X-Custom:\\s+(\\w+) \\1', 'subject: .*M\xfcll', 'subject: .*&#8364;', 'received: .*evil',
                '(?P<n>ann).*(?P=n)', 'filename="?.*\\.exe', '(?=.*x)subject', '.*', 'subject: [\xe4\xf6\xfc]', '\\bviagra\\b', 'subject: \\u00fc',
                '(?x) subject # c', 'message-id: $', '*bad']
ALIASES = ['\n', '.*alias.*\n', 'other@example.com\nclub-.*@lists\\.\n', '[bad\n', '^nothing$\n', 'friends\n', '(a|b)@example\\.com\n', '*star\n']
BOUNCE_HEADERS = ['', '# c\nfrom: .*@spam.test\n', 'subject: .*loan\nto: friend@public.com\nbad line\n: x\nx-evil: [bad\n',
                  'x-custom: ^a+$\nreceived:.*relay\n', 'subject:.*\xfc\n', 'to:\n', ' from : .*bob\n']
TOPIC_TABLES = [[], [('Roses', 'rose|flower', 'd', False), ('Tulips', '^tul.p', '', False)],
                [('Gr\xfcn', 'gr\xfcn', '', False), ('multi', 'one\ntwo # c\nthree', '', False)],
                [('any', '.', '', False), ('back', r'(\w)\1', '', True)], [('verb', 'a b c', '', 0), ('sp', 'rose  red', '', 0)]]
TYPES = ['text/html', 'text/plain', 'multipart', 'multipart/mixed', 'multipart/alternative', 'image', 'image/png', 'message/rfc822',
         'application', 'application/pgp-signature', 'text', 'audio/x-wav']
EXTENSIONS = ['exe', 'bat', 'txt', 'png', 'pif', 'jpg', 'ZIP']


def sample(r, pool, most=4):
    return r.sample(pool, r.randint(0, min(most, len(pool))))


# name: how a value is made. An attribute that the version does not have is left out.
OPTIONS = {
    'subject_prefix': lambda r: r.choice(PREFIXES),
    'description': lambda r: r.choice(DESCRIPTIONS),
    'info': lambda r: r.choice(TEXTS),
    'msg_footer': lambda r: r.choice(TEXTS),
    'digest_header': lambda r: r.choice(TEXTS),
    'digest_footer': lambda r: r.choice(TEXTS),
    'anonymous_list': lambda r: r.choice([0, 1, True]),
    'reply_goes_to_list': lambda r: r.choice([0, 1, 2]),
    'reply_to_address': lambda r: r.choice(['', 'other@example.com', 'club@lists.example.com', 'UPPER@Example.org']),
    'first_strip_reply_to': lambda r: r.choice([0, 1]),
    'include_rfc2369_headers': lambda r: r.choice([0, 1]),
    'include_list_post_header': lambda r: r.choice([0, 1]),
    'include_sender_header': lambda r: r.choice([0, 1]),
    'from_is_list': lambda r: r.choice([0, 1, 2]),
    'dmarc_moderation_action': lambda r: r.choice([1, 2, 3, 4]),
    'dmarc_moderation_notice': lambda r: r.choice(NOTICES),
    'dmarc_wrapped_message_text': lambda r: r.choice(TEXTS),
    'drop_cc': lambda r: r.choice([True, False]),
    'administrivia': lambda r: r.choice([True, False]),
    'max_message_size': lambda r: r.choice([0, 1, 40, 2]),
    'max_num_recipients': lambda r: r.choice([0, 1, 2, 3, 10]),
    'require_explicit_destination': lambda r: r.choice([0, 1]),
    'acceptable_aliases': lambda r: r.choice(ALIASES),
    'bounce_matching_headers': lambda r: r.choice(BOUNCE_HEADERS),
    'header_filter_rules': lambda r: [(r.choice(FILTER_RULES), r.choice([0, 2, 3, 6, 7]), False) for _ in range(r.randint(1, 3))],
    'generic_nonmember_action': lambda r: r.choice([0, 1, 2, 3]),
    'accept_these_nonmembers': lambda r: sample(r, PATTERNS),
    'hold_these_nonmembers': lambda r: sample(r, PATTERNS),
    'reject_these_nonmembers': lambda r: sample(r, PATTERNS),
    'discard_these_nonmembers': lambda r: sample(r, PATTERNS),
    'nonmember_rejection_notice': lambda r: r.choice(NOTICES),
    'forward_auto_discards': lambda r: r.choice([0, 1]),
    'member_moderation_action': lambda r: r.choice([0, 1, 2]),
    'member_moderation_notice': lambda r: r.choice(NOTICES),
    'member_verbosity_threshold': lambda r: r.choice([0, 2, 5]),
    'equivalent_domains': lambda r: r.choice(['', 'example.com,example.org;a.b,c.d', 'example.com, example.org', 'sub.example.net,example.net']),
    'emergency': lambda r: r.choice([0, 1]),
    'news_moderation': lambda r: r.choice([0, 1, 2]),
    'gateway_to_news': lambda r: r.choice([0, 1]),
    'linked_newsgroup': lambda r: r.choice(['', 'comp.club']),
    'nntp_host': lambda r: r.choice(['', 'news.example.com']),
    'news_prefix_subject_too': lambda r: r.choice([0, 1]),
    'respond_to_post_requests': lambda r: r.choice([0, 1]),
    'admin_immed_notify': lambda r: r.choice([0, 1]),
    'autorespond_postings': lambda r: r.choice([0, 1]),
    'autorespond_admin': lambda r: r.choice([0, 1]),
    'autoresponse_postings_text': lambda r: r.choice(TEXTS),
    'autoresponse_admin_text': lambda r: r.choice(TEXTS),
    'autoresponse_graceperiod': lambda r: r.choice([0, 1, 90]),
    'use_dollar_strings': lambda r: r.choice([0, 1]),
    'filter_content': lambda r: r.choice([0, 1, 1]),
    'filter_mime_types': lambda r: sample(r, TYPES),
    'pass_mime_types': lambda r: r.choice([[], sample(r, TYPES, 8) + ['text/plain', 'multipart']]),
    'filter_filename_extensions': lambda r: sample(r, EXTENSIONS),
    'pass_filename_extensions': lambda r: r.choice([[], [], sample(r, EXTENSIONS)]),
    'collapse_alternatives': lambda r: r.choice([0, 1]),
    'convert_html_to_plaintext': lambda r: r.choice([0, 1]),
    'filter_action': lambda r: r.choice([0, 1, 2, 3]),
    'scrub_nondigest': lambda r: r.choice([0, 1, 1]),
    'topics_enabled': lambda r: r.choice([0, 1, 1]),
    'topics': lambda r: r.choice(TOPIC_TABLES),
    'topics_bodylines_limit': lambda r: r.choice([0, 1, 5, -1]),
    'digestable': lambda r: r.choice([True, True, False]),
    'nondigestable': lambda r: r.choice([True, True, False]),
    'digest_size_threshhold': lambda r: r.choice([0, 1, 3, 30, 0.5]),
    'digest_volume_frequency': lambda r: r.choice([0, 1, 2, 3, 4]),
    'digest_last_sent_at': lambda r: r.choice([0, 1771000000.5, 1740000000, 1772000000, 1773100000.25]),
    'volume': lambda r: r.choice([1, 7, 123]),
    'next_digest_number': lambda r: r.choice([1, 9, 1000]),
    'post_id': lambda r: r.choice([1.0, 7.0, 100000.0, 12]),
    'personalize': lambda r: r.choice([0, 1, 2]),
    'archive': lambda r: r.choice([True, False]),
    'archive_private': lambda r: r.choice([0, 1]),
    'regular_include_lists': lambda r: sample(r, ['other@lists.example.com', 'other@elsewhere.org', 'self', 'x', 'missing@lists.example.com']),
    'regular_exclude_lists': lambda r: sample(r, ['other@lists.example.com', 'other@elsewhere.org', 'self', 'x']),
    'regular_exclude_ignore': lambda r: r.choice([True, False]),
    'web_page_url': lambda r: r.choice(['http://lists.example.com/mailman/', 'https://very.long.host.name.example.com/some/where/mailman/']),
    'umbrella_list': lambda r: r.choice([0, 1]),
    'moderator': lambda r: r.choice([[], ['mod@example.com'], ['mod@example.com', 'own@example.com']]),
    'send_reminders': lambda r: r.choice([0, 1]),
}
# What would keep most posts from going on is seldom changed.
STOPPERS = ['emergency', 'generic_nonmember_action', 'header_filter_rules', 'dmarc_moderation_action', 'max_message_size', 'max_num_recipients',
            'require_explicit_destination', 'filter_mime_types', 'pass_mime_types', 'bounce_matching_headers']
BITS = [2, 4, 8, 16, 32, 64, 128, 256]


def make(r, number, change=None):
    """A list called l and its number, `lN`; the first is `other`, which others refer to. `change` does more to it."""
    name = 'other' if number == 0 else 'l%d' % number
    mlist, language = create(r, name)
    if hasattr(mlist, 'post_password'):
        mlist.post_password = sha('postpw').hexdigest()
    if r.random() < 0.3:
        mlist.owner = ['own@example.com', 'zweite@example.de']
    mlist.generic_nonmember_action = 0
    change_options(r, mlist, OPTIONS)
    # Python dies where it counts a bounce of somebody at a sibling whose name has no host.
    mlist.regular_include_lists = [sibling for sibling in mlist.regular_include_lists if '@' in sibling]
    if change:
        change(r, mlist)
    if r.random() < 0.05:
        mlist.pipeline = ['SpamDetect', 'Approve', 'Tagger', 'CalcRecips', 'CookHeaders', 'ToDigest', 'ToArchive', 'AfterDelivery', 'ToOutgoing']
    if getattr(mlist, 'dmarc_moderation_action', 0):
        # No question is left for the DNS.
        mlist.dmarc_moderation_addresses = sample(r, PATTERNS) + ['^.*']
    add_members(r, mlist, language)
    mlist.Save()
    mlist.Unlock()
    return name


def create(r, name):
    """A list with its passwords, in some language."""
    from Mailman import MailList
    mlist = MailList.MailList()
    language = r.choice(LANGUAGES)
    mlist.Create(name, 'own@example.com', sha('adminpw').hexdigest())
    mlist.preferred_language = language
    mlist.available_languages = list(set([language, 'en', r.choice(LANGUAGES)]))
    if r.random() < 0.5:
        mlist.real_name = name.capitalize()
    mlist.mod_password = r.choice([None, sha('modpw').hexdigest()])
    return mlist, language


def change_options(r, mlist, options):
    rate = r.choice([0.05, 0.2, 0.4])
    for name in sorted(options):
        chance = rate * 0.35 if name in STOPPERS else rate
        if name == 'use_dollar_strings':
            chance = 0.1
        elif not hasattr(mlist, name):
            continue
        if r.random() < chance:
            value = options[name](r)
            if isinstance(value, str) and '%s' in value and name == 'subject_prefix':
                value = value % mlist.real_name
            if isinstance(value, list):
                value = [mlist.GetListEmail() if item == 'self' else item for item in value]
            setattr(mlist, name, value)


def add_members(r, mlist, language):
    for number in range(r.randint(0, 9)):
        local = r.choice(['m%d', 'M%dUpper', 'm%d+tag', 'm%d.x'])
        address = local % number + '@' + r.choice(DOMAINS)
        if mlist.isMember(address):
            continue
        mlist.addNewMember(address, realname=r.choice(NAMES), password='pw', digest=int(r.random() < 0.3),
                           language=r.choice([language, 'en']))
        for bit in BITS:
            if r.random() < 0.15:
                mlist.setMemberOption(address, bit, 1)
        if r.random() < 0.15:
            mlist.setDeliveryStatus(address, r.choice([1, 2, 3, 4]))
        if r.random() < 0.3:
            mlist.setMemberTopics(address, sample(r, ['Roses', 'Tulips', 'Gr\xfcn', 'any']))
    if r.random() < 0.2:
        mlist.one_last_digest = dict((address.lower(), 0) for address in sample(r, mlist.getRegularMemberKeys()))
        if r.random() < 0.3:
            mlist.one_last_digest['gone@example.com'] = 0
