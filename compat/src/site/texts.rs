//! English texts of our own for machines without Mailman's templates.
//!
//! They name the variables that Mailman's templates name, so that an operator may copy one into the list's or the
//! site's template folder and change it there. A template file always wins.

/// The text of a template.
pub(super) fn builtin(name: &str) -> Option<&'static str> {
    TEXTS.iter().find(|(known, _)| *known == name).map(|(_, text)| *text)
}

static TEXTS: &[(&str, &str)] = &[
    (
        "adminaddrchgack.txt",
        "On the list %(listname)s, %(name)s now uses the address %(newaddr)s\ninstead of %(oldaddr)s.\n",
    ),
    ("adminsubscribeack.txt", "The list %(listname)s has a new member: %(member)s.\n"),
    ("adminunsubscribeack.txt", "%(member)s is no longer a member of the list %(listname)s.\n"),
    (
        "approve.txt",
        "Your request to %(requestaddr)s:\n\n    %(cmd)s\n\nhas been passed on to the person who runs \
         the list, and waits for an answer.\n\nPlease write to %(adminaddr)s if you have a question about \
         it.\n",
    ),
    (
        "bounce.txt",
        "This is a notice about a member of a mailing list whose mail came back.\n\n    List:    %(listname)s\n    \
         Member:  %(addr)s\n    Action:  The subscription was %(negative)s%(did)s.\n    Reason:  Mail \
         came back too often, or as undeliverable for good.\n    %(but)s\n\n%(reenable)s\nThe message \
         that came back is attached.\n\nQuestions? Write to %(owneraddr)s.\n",
    ),
    (
        "checkdbs.txt",
        "The list %(real_name)s@%(host_name)s has %(count)d request(s) that wait for you:\n\n    %(adminDB)s\n\n\
         Please look at them when you can. You get this reminder once a day.\n",
    ),
    (
        "cronpass.txt",
        "Once a month you get this letter about your subscriptions to mailing lists at %(hostname)s, with \
         the passwords that open their pages.\n\nOn the page beside each list you can leave it, change how \
         its mail reaches you, or stop it for some time. Where there is no browser at hand, a mail to the \
         list's -request address (%(exreq)s, for one) with the word help in it brings an answer that says how to do the \
         same by mail.\n\nIs something unclear? Please write to %(owner)s.\n\nPasswords for %(useraddr)s:\n\n",
    ),
    (
        "disabled.txt",
        "Your membership of the list %(listname)s is on hold: %(reason)s. Until you confirm it, the list \
         sends you nothing. %(noticesleft)s more reminder(s) like this will follow before you are taken \
         off the list.\n\nTo go on, answer this message and leave its Subject as it is, or open\n\n    \
         %(confirmurl)s\n\nYour page as a member, where you can change your address and your options, \
         is\n\n    %(optionsurl)s\n\nThe password for it is\n\n    %(password)s\n\nIf you need help, write \
         to the people who run the list:\n\n    %(owneraddr)s\n",
    ),
    (
        "help.txt",
        "Commands by mail for the list %(listname)s (Mailman %(version)s).\n\nSend them to\n\n    %(requestaddr)s\n\n\
         in the Subject or one a line in the text. What stands in <angle brackets> you must give, what \
         stands in [square brackets] you may give; leave the brackets away.\n\n    %(commands)s\n\nThe \
         same can be done on the web:\n\n    %(listinfo_url)s\n\nA person reads mail to\n\n    %(adminaddr)s\n",
    ),
    (
        "invite.txt",
        "The people who run the list %(listname)s at %(hostname)s invite you, %(email)s, to join it.\n\n\
         To accept, answer this message and leave its Subject as it is, or open\n\n    %(confirmurl)s\n\n\
         or send to %(requestaddr)s a message with this line and nothing else:\n\n    confirm %(cookie)s\n\n\
         If you would rather not, just ignore this message. Questions go to %(listowner)s.\n",
    ),
    (
        "masthead.txt",
        "Messages for the list %(real_name)s go to\n\t%(got_list_email)s\n\nTo join or leave, open\n\t%(got_listinfo_url)s\n\
         or send the word 'help' to\n\t%(got_request_email)s\n\nThe people who run the list read mail \
         to\n\t%(got_owner_email)s\n\nIf you answer to something in this digest, please give your message \
         a Subject\nthat says what it is about.\n",
    ),
    (
        "newlist.txt",
        "The mailing list %(listname)s has been made for you. Its password is\n\n    %(password)s\n\nYou \
         set up the list at\n\n    %(admin_url)s\n\nMembers find it at\n\n    %(listinfo_url)s\n\nand \
         by mail at\n\n    %(requestaddr)s\n\nQuestions? Write to %(siteowner)s.\n",
    ),
    (
        "nomoretoday.txt",
        "We have had %(num)s messages from you, %(sender)s, that the list %(listname)s answers by itself. \
         To keep two machines from writing to each other for ever, you will get no more such answers today.\n\n\
         If this is a mistake, please write to %(owneremail)s.\n",
    ),
    (
        "postack.txt",
        "Your message\n\n    %(subject)s\n\nhas reached the list %(listname)s.\n\nThe list's page: %(listinfo_url)s\n\
         Your options: %(optionsurl)s\n",
    ),
    (
        "postauth.txt",
        "A message to a list that you look after waits for your decision:\n\n    List:    %(listname)s@%(hostname)s\n    \
         From:    %(sender)s\n    Subject: %(subject)s\n    Reason:  %(reason)s\n\nTo let it pass or to \
         refuse it, open:\n\n    %(admindb_url)s\n",
    ),
    (
        "postheld.txt",
        "Your message to %(listname)s with the Subject\n\n    %(subject)s\n\nhas not been sent to the \
         list yet: a moderator must look at it first.\n\nThe reason:\n\n    %(reason)s\n\nYou will hear \
         whether it was let pass. If you want to take it back, open\n\n    %(confirmurl)s\n",
    ),
    (
        "probe.txt",
        "This is a test message. The list %(listname)s has had mail to %(address)s come back, and wants \
         to know whether your address works. The mail that came back is attached.\n\nIf you read this, \
         all is well, and there is nothing that you must do. If this message comes back too, the list \
         will stop sending to you.\n\nYour page as a member is\n\n    %(optionsurl)s\n\nQuestions go to \
         %(owneraddr)s.\n",
    ),
    (
        "refuse.txt",
        "Your request to the list %(listname)s:\n\n    %(request)s\n\nhas been refused by the moderator, \
         who gave this reason:\n\n\"%(reason)s\"\n\nQuestions and comments go to\n\n    %(adminaddr)s\n",
    ),
    (
        "subauth.txt",
        "Somebody asks to join a list that you look after:\n\n    Who:   %(username)s\n    List:  %(listname)s@%(hostname)s\n\n\
         To decide, open:\n\n    %(admindb_url)s\n",
    ),
    (
        "subscribeack.txt",
        "Welcome to the list %(real_name)s@%(host_name)s!\n%(welcome)s\nMessages to everybody on the list \
         go to\n\n  %(emailaddr)s\n\nThe list's page is\n\n  %(listinfo_url)s\n\n%(umbrella)sYour page \
         as a member is\n\n  %(optionsurl)s\n\nYour password for it is\n\n  %(password)s\n",
    ),
    (
        "unsub.txt",
        "Somebody%(remote)s has asked to take %(email)s off the list %(listaddr)s.\n\nIf that was you, \
         answer this message and leave its Subject as it is, or open\n\n    %(confirmurl)s\n\nor send \
         to %(requestaddr)s a message with this line and nothing else:\n\n    confirm %(cookie)s\n\nIf \
         you want to stay on %(listname)s, just ignore this message. If you think that somebody means \
         you harm, write to %(listadmin)s.\n",
    ),
    (
        "unsubauth.txt",
        "Somebody asks to leave a list that you look after:\n\n    Who:   %(username)s\n    List:  %(listname)s@%(hostname)s\n\n\
         To decide, open:\n\n    %(admindb_url)s\n",
    ),
    (
        "userpass.txt",
        "You, or somebody in your name, asked for your password on the list %(fqdn_lname)s.\n\n    Member:    \
         %(user)s\n    Password:  %(password)s\n\nYour page as a member of %(listname)s is\n\n    %(options_url)s\n\n\
         Commands by mail go to\n\n    %(requestaddr)s\n\nand questions to a person to\n\n    %(owneraddr)s\n",
    ),
    (
        "verify.txt",
        "Somebody%(remote)s has asked to put %(email)s on the list %(listaddr)s.\n\nIf that was you, answer \
         this message and leave its Subject as it is, or open\n\n    %(confirmurl)s\n\nor send to %(requestaddr)s \
         a message with this line and nothing else:\n\n    confirm %(cookie)s\n\nIf you do not want to \
         join %(listname)s, just ignore this message. If you think that somebody means you harm, write \
         to %(listadmin)s.\n",
    ),
    ("archliststart.html", "<table>\n<tr><th>Period</th><th>Sorted by</th><th>As text</th></tr>\n"),
    ("archlistend.html", "</table>\n"),
    (
        "archtocentry.html",
        "<tr><td>%(archivelabel)s</td>\n<td><a href=\"%(archive)s/thread.html\">thread</a>\n<a href=\"%(archive)s/subject.html\">subject</a>\n\
         <a href=\"%(archive)s/author.html\">author</a>\n<a href=\"%(archive)s/date.html\">date</a></td>\n\
         %(textlink)s\n</tr>\n",
    ),
    (
        "archtoc.html",
        "<!DOCTYPE html>\n<html>\n<head>\n<title>%(listname)s: archives</title>\n<meta name=\"robots\" \
         content=\"noindex,follow\">\n%(meta)s\n</head>\n<body>\n<h1>%(listname)s: archives</h1>\n<p><a \
         href=\"%(listinfo)s\">About this list</a>. All messages in <a href=\"%(fullarch)s\">one file</a> \
         (%(size)s).</p>\n%(noarchive_msg)s\n%(archive_listing_start)s\n%(archive_listing)s\n%(archive_listing_end)s\n\
         </body>\n</html>\n",
    ),
    (
        "archtocnombox.html",
        "<!DOCTYPE html>\n<html>\n<head>\n<title>%(listname)s: archives</title>\n<meta name=\"robots\" \
         content=\"noindex,follow\">\n%(meta)s\n</head>\n<body>\n<h1>%(listname)s: archives</h1>\n<p><a \
         href=\"%(listinfo)s\">About this list</a>.</p>\n%(noarchive_msg)s\n%(archive_listing_start)s\n\
         %(archive_listing)s\n%(archive_listing_end)s\n</body>\n</html>\n",
    ),
    (
        "archidxhead.html",
        "<!DOCTYPE html>\n<html>\n<head>\n<title>%(listname)s: %(archive)s by %(archtype)s</title>\n<meta \
         name=\"robots\" content=\"noindex,follow\">\n%(encoding)s\n</head>\n<body>\n<h1 id=\"start\">%(archive)s \
         by %(archtype)s</h1>\n<p>%(thread_ref)s %(subject_ref)s %(author_ref)s %(date_ref)s <a href=\"%(listinfo)s\">About \
         this list</a></p>\n<p>From %(firstdate)s to %(lastdate)s, %(size)s messages.</p>\n<ul>\n",
    ),
    (
        "archidxentry.html",
        "<li id=\"%(sequence)i\"><a href=\"%(filename)s\">%(subject)s</a> <i>%(author)s</i>\n",
    ),
    (
        "archidxfoot.html",
        "</ul>\n<p id=\"end\">Last message: %(lastdate)s. Archived: %(archivedate)s.</p>\n<p>%(thread_ref)s \
         %(subject_ref)s %(author_ref)s %(date_ref)s <a href=\"%(listinfo)s\">About this list</a></p>\n\
         <p>Pipermail %(version)s</p>\n</body>\n</html>\n",
    ),
    (
        "article.html",
        "<!DOCTYPE html>\n<html>\n<head>\n<title>%(title)s</title>\n<meta name=\"robots\" content=\"index,nofollow\">\n\
         %(encoding)s\n%(prev)s\n%(next)s\n</head>\n<body>\n<h1>%(subject_html)s</h1>\n<p><b>%(author_html)s</b> \
         <a href=\"mailto:%(email_url)s?Subject=%(subject_url)s&amp;In-Reply-To=%(in_reply_to_url)s\">%(email_html)s</a><br>\n\
         <i>%(datestr_html)s</i></p>\n<ul>\n%(prev_wsubj)s\n%(next_wsubj)s\n<li><a href=\"date.html#%(sequence)s\">By \
         date</a> <a href=\"thread.html#%(sequence)s\">by thread</a> <a href=\"subject.html#%(sequence)s\">by \
         subject</a> <a href=\"author.html#%(sequence)s\">by author</a></li>\n</ul>\n<hr>\n<!--beginarticle-->\n\
         %(body)s\n<!--endarticle-->\n<hr>\n<ul>\n<!--threads-->\n%(prev_wsubj)s\n%(next_wsubj)s\n</ul>\n\
         <p><a href=\"%(listurl)s\">About the list %(listname)s</a></p>\n</body>\n</html>\n",
    ),
    (
        "emptyarchive.html",
        "<!DOCTYPE html>\n<html>\n<head>\n<title>%(listname)s: archives</title>\n<meta name=\"robots\" \
         content=\"noindex,follow\">\n</head>\n<body>\n<h1>%(listname)s: archives</h1>\n<p>Nobody has \
         written to this list yet. <a href=\"%(listinfo)s\">About this list</a>.</p>\n</body>\n</html>\n",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::{percent_bytes, percent_identifiers, Func};
    use crate::value::Value;

    /// Names and variables of Mailman's own templates, which its code fills in.
    const VARIABLES: &[(&str, &[&str])] = &[
        ("postack.txt", &["listinfo_url", "listname", "optionsurl", "subject"]),
        ("postauth.txt", &["admindb_url", "hostname", "listname", "reason", "sender", "subject"]),
        ("postheld.txt", &["confirmurl", "listname", "reason", "subject"]),
        (
            "verify.txt",
            &["confirmurl", "cookie", "email", "listaddr", "listadmin", "listname", "remote", "requestaddr"],
        ),
        ("cronpass.txt", &["exreq", "hostname", "owner", "useraddr"]),
        ("disabled.txt", &["confirmurl", "listname", "noticesleft", "optionsurl", "owneraddr", "password", "reason"]),
        ("help.txt", &["adminaddr", "commands", "listinfo_url", "listname", "requestaddr", "version"]),
        ("nomoretoday.txt", &["listname", "num", "owneremail", "sender"]),
    ];

    #[test]
    fn the_same_variables_as_mailmans() {
        for (name, variables) in VARIABLES {
            let mut names = percent_identifiers(builtin(name).unwrap().as_bytes());
            names.sort();
            let names: Vec<String> = names.into_iter().map(|name| String::from_utf8(name).unwrap()).collect();
            assert_eq!(names, *variables, "{name}");
        }
    }

    #[test]
    fn every_text_can_be_filled_in() {
        for (name, text) in TEXTS {
            assert!(percent_bytes(text.as_bytes(), &Func(|_: &[u8]| Some(Value::Int(1)))).is_ok(), "{name}");
        }
    }
}
