//! General options: what the list is, and how it behaves (Mailman/Gui/General.py).

use super::{Category, Initial, Row, Rule, Section, Text, Widget, NO_YES};
use compat::site::{settings, Switch};

/// The options, in the order of the page.
pub(super) const CATEGORY: Category = Category {
    key: "general",
    sub: None,
    about: Text { english: "What the list is, and how it behaves.", keys: &[0x638ef39f9b683c69] },
    sections: &[
        Section {
            title: Some(Text { english: "The list and its name", keys: &[0x2a4eab5c9334ee19] }),
            rows: &[
                Row::new("real_name", Widget::Line(40), Initial::PerList)
                    .label(
                        "The name of the list as it is shown. Only its capitals may be changed.",
                        &[0xc730a58e03181766],
                    )
                    .details(
                        "The name stands in addresses, so nothing but the case of its letters may differ from them.",
                        &[0x0f881019ce4b0d24],
                    )
                    .rule(Rule::RealName),
                Row::new("owner", Widget::Addresses(3, 40), Initial::PerList)
                    .label("Addresses of those who run the list.", &[0x481c2738626e7e31])
                    .details(
                        "One address a line. Owners may change everything on these pages. <a \
                     href='?VARHELP=general/moderator'>Moderators</a> may only decide about what is held; they \
                     need a <a href='passwords'>password of their own</a>. Owners do not become members by \
                     standing here.",
                        &[0xfc5cf1be36ff6ba7],
                    ),
                Row::new("moderator", Widget::Addresses(3, 40), Initial::List)
                    .label("Addresses of those who decide about held posts and requests.", &[0x7ea49f7b00837795])
                    .details(
                        "One address a line. Moderators are told of what waits for a decision, as owners are. Give \
                     them a <a href='passwords'>moderator password</a>, with which they cannot change the list's \
                     settings.",
                        &[0x01065db9d54a859a],
                    ),
                Row::new("description", Widget::Line(40), Initial::EmptyText)
                    .label("What the list is for, in a few words.", &[0x74cb18045e2d5d96])
                    .details(
                        "It is shown beside the list's name in overviews, and in headers of posts. Write one short \
                     phrase without HTML.",
                        &[0x3e001ed61c27d992],
                    ),
                Row::new("info", Widget::Text(7, 40), Initial::EmptyText)
                    .label("What the list is for, in a few paragraphs of HTML for its page.", &[0xae3cf334f787dc7f])
                    .details(
                        "The text appears at the top of the list's public page. Line breaks are kept. Scripts and \
                     other HTML that could harm visitors are refused.",
                        &[0x82183cdea48243cd],
                    )
                    .rule(Rule::Html),
                Row::new("subject_prefix", Widget::Line(40), Initial::PerList)
                    .label("What is put in front of the Subject of posts.", &[0xf23a245fc1623e0c])
                    .details(
                        "Keep it short, and end it with a blank. Leave it empty for none. <code>%%d</code> stands for \
                     the number of the post.",
                        &[0x0cf1fa0ab1cbf9a2],
                    )
                    .rule(Rule::SubjectPrefix),
                Row::new(
                    "from_is_list",
                    Widget::Choice(&["No", "Munge From", "Wrap Message"]),
                    Initial::Setting(settings::DEFAULT_FROM_IS_LIST.any()),
                )
                .label("Whether the list stands in From instead of the author.", &[0x2d9f25e411885e8e])
                .details(
                    "Many domains publish policies by which their mail may not be changed on its way, and lists \
                     change it. <em>Munge From</em> puts the list's address into From and the author's into \
                     Reply-To or Cc; <em>Wrap Message</em> sends the post as an attachment of a message of the \
                     list's own. It holds for every post; to do so only where an author's domain asks for it, use \
                     <a href='?VARHELP=privacy/sender/dmarc_moderation_action'>dmarc_moderation_action</a>.",
                    &[0xa9713b58eb76f896],
                )
                .since(Switch::FromIsList),
                Row::new("anonymous_list", NO_YES, Initial::Setting(settings::DEFAULT_ANONYMOUS_LIST.any()))
                    .label("Whether authors are hidden.", &[0x4b233ec0c6cf42e4]),
            ],
        },
        Section {
            title: Some(Text { english: "Answers", keys: &[0xc4e67a5e4e38ff18] }),
            rows: &[
                Row::new(
                    "first_strip_reply_to",
                    NO_YES,
                    Initial::Setting(settings::DEFAULT_FIRST_STRIP_REPLY_TO.any()),
                )
                .label("Whether an author's own Reply-To is removed.", &[0xa855e705642d0692]),
                Row::new(
                    "reply_goes_to_list",
                    Widget::Choice(&["Poster", "This list", "Explicit address"]),
                    Initial::Setting(settings::DEFAULT_REPLY_GOES_TO_LIST.any()),
                )
                .label("Where answers go.", &[0xe32b238f2b959176])
                .details(
                    "<em>Poster</em> leaves Reply-To as the author wrote it; this is best for most lists. \
                     <em>This list</em> points it to the list, <em>Explicit address</em> to <a \
                     href='?VARHELP=general/reply_to_address'>reply_to_address</a>.",
                    &[0x87789947e87b1d58, 0xad072a06029c9933],
                ),
                Row::new("reply_to_address", Widget::Email(40), Initial::EmptyText)
                    .label("Where answers go if that is an explicit address.", &[0x74595e679c5c924d])
                    .details(
                        "It is used only if <a href='?VARHELP=general/reply_goes_to_list'>reply_goes_to_list</a> says \
                     so, and must then be a valid address.",
                        &[0x150da60fd514a2a4, 0x28b716a28d1a3a1d],
                    ),
            ],
        },
        Section {
            title: Some(Text { english: "A list of lists", keys: &[0xf9a91f96f259d328] }),
            rows: &[
                Row::new("umbrella_list", NO_YES, Initial::Setting(settings::DEFAULT_UMBRELLA_LIST.any()))
                    .label("Whether the members of this list are lists.", &[0xb3106417bfe7ffe1])
                    .details(
                        "Confirmations and password reminders then go to those who run the member lists: \
                     umbrella_member_suffix is added to the local part of each member's address.",
                        &[0x48a2630491b47fde],
                    ),
                Row::new(
                    "umbrella_member_suffix",
                    Widget::Line(40),
                    Initial::Setting(settings::DEFAULT_UMBRELLA_MEMBER_ADMIN_SUFFIX.any()),
                )
                .label(
                    "What is added to the address of a member that is a list, to reach those who run it.",
                    &[0x42d74eb3faea5839],
                )
                .details(
                    "Usually <code>-owner</code>. It has no effect unless umbrella_list is set.",
                    &[0xc0fe23401176b426],
                ),
            ],
        },
        Section {
            title: Some(Text { english: "Notices", keys: &[0x5be3c6d61cd9182f] }),
            rows: &[
                Row::new("send_reminders", NO_YES, Initial::Setting(settings::DEFAULT_SEND_REMINDERS.any()))
                    .label("Whether members get their password once a month.", &[0x694fb83974525f61])
                    .details("Each member may turn it off.", &[0xf68a531ecf097a1e]),
                Row::new("welcome_msg", Widget::Text(4, 40), Initial::EmptyText)
                    .label("What new members read first.", &[0xb25aa7a83991e389])
                    .details(
                        "The text is put in front of the welcome message, which already names the list's addresses \
                     and pages. Paragraphs are filled to lines of 70 characters; lines that begin with a blank \
                     stay as they are.",
                        &[0x3c8dff5f08510727],
                    ),
                Row::new("send_welcome_msg", NO_YES, Initial::Setting(settings::DEFAULT_SEND_WELCOME_MSG.any()))
                    .label("Whether new members are welcomed.", &[0xf82247e3e6081c74])
                    .details(
                        "Turn it off while many people are subscribed who need not know, for instance when a list \
                     moves here.",
                        &[0x1f01723deba31cff],
                    ),
                Row::new("goodbye_msg", Widget::Text(4, 40), Initial::EmptyText)
                    .label("What members read who leave.", &[0x2716a64253db7bb9]),
                Row::new("send_goodbye_msg", NO_YES, Initial::Setting(settings::DEFAULT_SEND_GOODBYE_MSG.any()))
                    .label("Whether members who leave get a goodbye.", &[0x02697fdbdeb97b93]),
                Row::new("admin_immed_notify", NO_YES, Initial::Setting(settings::DEFAULT_ADMIN_IMMED_NOTIFY.any()))
                    .label(
                        "Whether moderators hear of each request at once, besides once a day.",
                        &[0x601d6d9eab92c523],
                    )
                    .details("A summary of what waits is sent once a day in any case.", &[0xea0c0e9e389bf486]),
                Row::new(
                    "admin_notify_mchanges",
                    NO_YES,
                    Initial::Setting(settings::DEFAULT_ADMIN_NOTIFY_MCHANGES.any()),
                )
                .label("Whether owners hear of members who come and go.", &[0xbf6831fec91f1dbe]),
                Row::new(
                    "respond_to_post_requests",
                    NO_YES,
                    Initial::SettingSince(
                        Switch::RespondToPostRequestsSetting,
                        settings::DEFAULT_RESPOND_TO_POST_REQUESTS.any(),
                        1,
                    ),
                )
                .label("Whether an author hears that a post is held.", &[0x3a2619185348c262]),
            ],
        },
        Section {
            title: Some(Text { english: "More", keys: &[0x94333971a07803b9] }),
            rows: &[
                Row::new("emergency", NO_YES, Initial::Int(0))
                    .label("Whether every post is held for now.", &[0xc43477fc385fb84d])
                    .details(
                        "Use it to calm a quarrel: until it is turned off, nothing passes without a moderator.",
                        &[0xc7430b3ba8d859de],
                    ),
                Row::new(
                    "new_member_options",
                    Widget::MemberOptions,
                    Initial::Setting(settings::DEFAULT_NEW_MEMBER_OPTIONS.any()),
                )
                .label("Options of new members, as a sum of bits.", &[0x8a263c608f28aa39])
                .details("Members may change them later.", &[0xab2d02cf69639d23, 0x94eb341dfa74b56a])
                .rule(Rule::MemberOptions),
                Row::new("administrivia", NO_YES, Initial::Setting(settings::DEFAULT_ADMINISTRIVIA.any()))
                    .label("Whether posts that look like commands are held.", &[0x28858676a649ff3b])
                    .details(
                        "A short post that begins like a mail command, subscribe or unsubscribe for instance, was \
                     probably meant for the -request address.",
                        &[0xc3997fc12872a8e2],
                    ),
                Row::new(
                    "max_message_size",
                    Widget::Number(7),
                    Initial::Setting(settings::DEFAULT_MAX_MESSAGE_SIZE.any()),
                )
                .label("Longer posts are held; in kilobytes, 0 for no limit.", &[0xd130969662f8859b]),
                Row::new(
                    "admin_member_chunksize",
                    Widget::Number(7),
                    Initial::Setting(settings::DEFAULT_ADMIN_MEMBER_CHUNKSIZE.any()),
                )
                .label("How many members a page of the web interface shows.", &[0x2240d0b10275c39e])
                .rule(Rule::ChunkSize),
                Row::new("host_name", Widget::Host(40), Initial::PerList)
                    .label("The host of the list's addresses.", &[0xc67592bc0601c7a8])
                    .details(
                        "It stands behind the @ of the list's addresses. The mail server must accept mail for it.",
                        &[0xc900a8adb97322df],
                    )
                    .rule(Rule::HostName),
                Row::new("include_rfc2369_headers", NO_YES, Initial::Int(1))
                    .label("Whether posts carry the List- headers of RFC 2369.", &[0x934ac40b169bf1e0])
                    .details(
                        "Mail programs use these headers to sort mail and to offer links for leaving the list. Turn \
                     them off only if your members' programs cannot bear them.",
                        &[0x95430138818ea767],
                    )
                    .allowed_by(settings::ALLOW_RFC2369_OVERRIDES.any()),
                Row::new("include_list_post_header", NO_YES, Initial::Int(1))
                    .label("Whether List-Post is among them.", &[0x7dd68530a67b7cc4])
                    .details(
                        "Turn it off for lists on which members do not post, such as announcements. The other List- \
                     headers are not affected.",
                        &[0x694b24602bcc678b],
                    ),
                Row::new("include_sender_header", NO_YES, Initial::Int(1))
                    .label("Whether Sender becomes the address for bounces.", &[0x035fc48e479fc01b])
                    .details(
                        "It directs bounces of badly behaved mail servers to the right place. Some mail programs show \
                     Sender in odd ways, or answer to it.",
                        &[0xccf6b5541dd60c2f],
                    )
                    .since(Switch::SenderHeaderSetting)
                    .allowed_by(settings::ALLOW_SENDER_OVERRIDES.any()),
                Row::new("drop_cc", NO_YES, Initial::Setting(settings::DEFAULT_DROP_CC.any()))
                    .label("Whether members who get no second copy leave Cc.", &[0x9233a47f0ac3c400])
                    .details(
                        "Somebody who is addressed directly and wants no duplicate gets no copy from the list. Taking \
                     the address out of Cc keeps that header short in long discussions; leaving it there keeps \
                     DKIM signatures intact.",
                        &[0x89967c4ecdb95ca6],
                    )
                    .since(Switch::DropCc),
                Row::new(
                    "max_days_to_hold",
                    Widget::Number(7),
                    Initial::Setting(settings::DEFAULT_MAX_DAYS_TO_HOLD.any()),
                )
                .label("Held posts are discarded after this number of days; 0 for never.", &[0x018bfe58f7a63ec6]),
            ],
        },
    ],
};
