//! `nightly_gzip`, as Mailman's cron/nightly_gzip: the plain texts of archives are compressed. For cron, once a day.

use super::describe::{flag, words};
use super::tool::{each_list, options, End, Tool};
use super::{print, print_bytes, Call};
use crate::clock;
use crate::cron::volume_texts;
use clap::Command;
use compat::list::{self, attributes, MailList};
use compat::site::Site;
use compat::ByteStr;
use std::path::Path;
use std::rc::Rc;

#[derive(Debug, Default, PartialEq)]
struct Asked {
    verbose: bool,
    lists: Vec<ByteStr>,
}

/// The options of `nightly_gzip`.
pub fn command() -> Command {
    Command::new("nightly_gzip")
        .about("Compress the plain texts of archives")
        .long_about("Compress every .txt of the archives that is newer than its compressed form. To be run once a night. Does nothing where GZIP_ARCHIVE_TXT_FILES is set, or ARCHIVE_TO_MBOX is neither 1 nor 2.")
        .args([
            flag("verbose", 'v', "Show each list and file"),
            words("LIST", "Only these lists; otherwise all that have an archive"),
        ])
        .after_long_help("Exit status: 0; 1 for a mistake in the options or a list that cannot be read.")
}

/// Runs the command. On a site that does not want it, it does not even look at how it was called.
pub fn run(call: &Call) -> i32 {
    let parse = |args: &[String], site: Option<&Site>| match site.is_some_and(|site| !volume_texts::is_wanted(site)) {
        true => Err(End::Code(0)),
        false => parse(args),
    };
    Tool { command }.run_as_on(call, parse, compress)
}

fn parse(args: &[String]) -> Result<Asked, End> {
    let parsed = options(args, &command())?;
    if parsed.options.iter().any(|(option, _)| option == "-h" || option == "--help") {
        return Err(End::help());
    }
    let lists = parsed.words.iter().map(|name| name.as_str().into()).collect();
    Ok(Asked { verbose: !parsed.options.is_empty(), lists })
}

fn compress(site: &Rc<Site>, asked: Asked) -> Result<(), End> {
    let names = match asked.lists.is_empty() {
        true => list::names(site).map_err(End::failed)?,
        false => asked.lists,
    };
    each_list(names, |name| {
        let list = MailList::look(site, name.clone())?;
        match list.truth(attributes::ARCHIVE) {
            true => of_list(&list, asked.verbose),
            false => Ok(()),
        }
    })
}

fn of_list(list: &MailList, verbose: bool) -> Result<(), End> {
    let folder = volume_texts::folder(list);
    let Ok(texts) = volume_texts::outdated(&folder) else {
        // The folder of a list without a post may be missing.
        if list.float(attributes::LAST_POST_TIME) > 0.0 {
            let line = [b"List ", &list.name()[..], b" has a bogus archive_directory: "].concat();
            print_bytes(&[&line[..], folder.display().to_string().as_bytes(), b"\n"].concat());
        }
        return Ok(());
    };
    if verbose {
        print_bytes(&[b"Processing list: ", &list.name()[..], b"\n"].concat());
    }
    texts.iter().try_for_each(|text| of_text(text, verbose))
}

fn of_text(text: &Path, verbose: bool) -> Result<(), End> {
    if verbose {
        print(&format!("gzip'ing: {}\n", text.display()));
    }
    volume_texts::compress(text, clock::now() as u32).map_err(End::failed)
}
