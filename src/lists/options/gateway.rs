//! From and to a newsgroup (Mailman/Gui/Usenet.py).

use super::{Action, Category, Initial, Row, Rule, Section, Text, Widget, NO_YES};
use compat::site::settings;

/// The options, in the order of the page.
pub(super) const CATEGORY: Category = Category {
    key: "gateway",
    sub: None,
    about: Text { english: "From and to a newsgroup.", keys: &[0xab474a6db3a98002] },
    sections: &[
        Section {
            title: Some(Text { english: "The server", keys: &[0xb13fe67ec2284212] }),
            rows: &[
                Row::new("nntp_host", Widget::Line(40), Initial::Setting(settings::DEFAULT_NNTP_HOST.any()))
                    .label("The news server, with its port if that is not the usual one.", &[0xb55437afb56e8e85])
                    .details(
                        "Write <code>name</code> or <code>name:port</code>. The server must allow this machine to \
                     read and to post.",
                        &[0xe81e8fe17ed292f6],
                    ),
                Row::new("linked_newsgroup", Widget::Line(40), Initial::EmptyText)
                    .label("The newsgroup.", &[0x3029cc979204b009]),
                Row::new("gateway_to_news", NO_YES, Initial::Int(0))
                    .label("Whether posts go there.", &[0x2fe113632f5a3a2a]),
                Row::new("gateway_to_mail", NO_YES, Initial::Int(0))
                    .label("Whether articles come from there.", &[0x0721e6e955f14dca]),
            ],
        },
        Section {
            title: Some(Text { english: "What is passed on", keys: &[0x6107a6f19d6c7fdc] }),
            rows: &[
                Row::new(
                    "news_moderation",
                    Widget::Choice(&["None", "Open list, moderated group", "Moderated"]),
                    Initial::Int(0),
                )
                .label("How the newsgroup is moderated.", &[0x011701fbd6fd6898])
                .details(
                    "<em>Moderated</em> means that this list is the address of the group's moderators; posts that \
                     pass carry the header that news servers ask for. <em>Open list, moderated group</em> adds \
                     that header to all posts. It matters only for posts that go to the newsgroup.",
                    &[0x707a02dbc5098094],
                ),
                Row::new("news_prefix_subject_too", NO_YES, Initial::Int(1))
                    .label("Whether the prefix of Subject goes along.", &[0xf8658b13d8d8e448])
                    .details(
                        "If not, posts go to the newsgroup without the <a \
                     href='?VARHELP=general/subject_prefix'>prefix</a>.",
                        &[0x7040d94a4f497881],
                    ),
            ],
        },
        Section {
            title: Some(Text { english: "Articles that are there already", keys: &[0xad092e00e6e8a2e7] }),
            rows: &[Row::new("_mass_catchup", NO_YES, Initial::NotStored)
                .label("Skip the articles that are there now?", &[0x585090c5feee81af])
                .details(
                    "The list begins with the next new article; earlier ones are not sent to members.",
                    &[0xcdaf9d8cd6c94162],
                )
                .rule(Rule::Act(Action::CatchUp))],
        },
    ],
};
