//! A small list as cPickle of Python 2.7.18 writes it, with objects shared between its attributes.

pub(super) const CONFIG: &[u8] = b"\
}q\x01(U\x0fone_last_digest}U\x06topics]q\x02(U\x04catsq\x03U\x07cat|dogU\x07animalsK\x00tq\x04aU\x0bbounce_\
info}q\x05U\x10anne@example.comq\x06(cMailman.Bouncer\n_BounceInfo\nq\x07o}q\x08(U\x0bnoticesleftq\x09K\x03U\
\nlastnoticeq\n(M\xb2\x07K\x01K\x01tU\x06memberq\x0bh\x06U\x05scoreq\x0cG?\xf0\x00\x00\x00\x00\x00\x00U\x06c\
ookieq\x0dNU\x04dateq\x0e(M\xda\x07K\x01K\x02tubsU\ndigestableI01\nU\x0farchive_privateK\x01U\x0dumbrella_li\
stI00\nU\x0dnondigestableI01\nU\x0edigest_members}q\x0fU\x10cris@example.comq\x10K\x00sU\x0cdata_versionKaU\
\x11unknown_attribute(L1L\nNtU\x09passwords}q\x11(h\x06U\x02aah\x10U\x02ccU\x10bart@example.comq\x12U\x02bbu\
U\x13available_languages]q\x13(U\x02enq\x14U\x02deq\x15eU\x0bdescriptionU\x00U\x10reply_to_addressU\x00U\x0c\
user_options}q\x16(h\x06M\x00\x01h\x10K\x90uU\x09usernames}q\x17(h\x06X\x08\x00\x00\x00Anne \xe2\x82\xach\
\x12U\x00uU\x07post_idG@\x1c\x00\x00\x00\x00\x00\x00U\x16umbrella_member_suffixU\x06-ownerU\x07members}q\x18\
(h\x06K\x00h\x12U\x10Bart@example.comuU\x0fdelivery_status}q\x19h\x12(K\x02GA\xd2\xcfN\xc0 \x00\x00tsU\x12ne\
w_member_optionsM\x00\x01U\x1ahold_and_cmd_autoresponses}U\x12preferred_languageh\x14U\x08language}q\x1a(h\
\x06h\x14h\x10U\x02xxh\x12h\x15uU\x12reply_goes_to_listK\x00U\x09real_nameU\x04TestU\x09host_nameU\x11lists.\
example.comU\x13topics_userinterest}q\x1bh\x10]q\x1ch\x03asU\x0fnext_request_idK\x01U\x0elast_post_timeK\x00\
U\x0cweb_page_urlU\x1fhttp://www.example.com/mailman/u.";
