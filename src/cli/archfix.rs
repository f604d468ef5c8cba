//! `rb-archfix` and `b4b5-archfix`, as Mailman's: the databases of articles that early versions of 2.1 wrote, made smaller.

use super::describe::words;
use super::tool::{options, End, Tool};
use super::{print, Call};
use clap::Command;
use compat::durable;
use compat::pickle::{self, Protocol};
use compat::value::Value;
use compat::{marshal, ByteStr};
use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// The largest database that is read.
const LIMIT: u64 = 2 << 30;

/// The options of `rb-archfix`.
pub fn bodies_command() -> Command {
    Command::new("rb-archfix")
        .about("Take HTML bodies out of databases of old archives")
        .long_about("Take the HTML bodies out of databases of articles that Mailman 2.1.3 and older versions wrote, where they took much space. The old files stay beside the new ones as .bak.")
        .args([
            words("FILE", "Databases: archives/private/*/database/*-article"),
        ])
        .after_long_help("Exit status: 0; 1 for a mistake in the options or a file that cannot be read.")
}

/// The options of `b4b5-archfix`.
pub fn repickle_command() -> Command {
    Command::new("b4b5-archfix")
        .about("Rewrite databases of old archives")
        .long_about("Rewrite databases of articles that Mailman 2.1b4 wrote with data of another kind in them. The old files stay beside the new ones as .bak.")
        .args([
            words("FILE", "Databases: those of archives/private/*/database/*-article that hold the word _mlist"),
        ])
        .after_long_help("Exit status: 0; 1 for a mistake in the options or a file that cannot be read.")
}

/// `rb-archfix`
pub fn run_bodies(call: &Call) -> i32 {
    Tool { command: bodies_command }.run(call, parse, |_, files| fix(&files, true))
}

/// `b4b5-archfix`
pub fn run_repickle(call: &Call) -> i32 {
    Tool { command: repickle_command }.run(call, parse, |_, files| fix(&files, false))
}

fn parse(args: &[String]) -> Result<Vec<String>, End> {
    let parsed = options(args, &bodies_command())?;
    match parsed.options.is_empty() {
        true => Ok(parsed.words),
        false => Err(End::help()),
    }
}

fn fix(files: &[String], without_bodies: bool) -> Result<(), End> {
    for file in files {
        print(&format!("processing: {file}\n"));
        rewrite(Path::new(file), without_bodies).map_err(|error| End::Failed(format!("{file}: {error}")))?;
    }
    print("You should now run \"bin/check_perms -f\"\n");
    Ok(())
}

fn rewrite(path: &Path, without_bodies: bool) -> io::Result<()> {
    let bytes = ByteStr::new(durable::read_file(path, LIMIT)?);
    let mode = fs::metadata(path)?.permissions().mode() & 0o777;
    let fixed = fixed(&bytes, without_bodies).map_err(io::Error::other)?;
    let named = |ending: &str| {
        let mut name = path.as_os_str().to_owned();
        name.push(ending);
        PathBuf::from(name)
    };
    let backup = named(".bak");
    durable::unlink_if_there(&backup)?;
    durable::link(path, &backup)?;
    durable::replace(path, &named(".tmp"), mode, |out| marshal::dump(&fixed, out))
}

/// The database with each article's pickle made anew.
fn fixed(bytes: &ByteStr, without_bodies: bool) -> Result<Value, String> {
    let mut database = marshal::load(bytes).map_err(|error| error.to_string())?;
    let articles = database.as_dict_mut().ok_or("it holds no dictionary")?;
    let keys: Vec<Value> = articles.iter().map(|(key, _)| key.clone()).collect();
    for key in keys {
        let pickled = articles.get_value(&key).and_then(Value::as_str).ok_or("an article is no text")?;
        let (mut article, _) = pickle::load(pickled).map_err(|error| error.to_string())?;
        if without_bodies {
            remove_body(&mut article);
        }
        let pickled = pickle::dumps(&article, Protocol::P0).map_err(|error| error.to_string())?;
        articles.set_value(key, Value::str(pickled));
    }
    Ok(database)
}

fn remove_body(article: &mut Value) {
    if let Value::Object(object) = article {
        let mut own = (**object).clone();
        if let Some(attributes) = own.state.as_mut().and_then(Value::as_dict_mut) {
            attributes.remove(b"html_body");
        }
        *object = std::rc::Rc::new(own);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use compat::value::{Dict, Object};

    #[test]
    fn bodies_go_and_the_old_file_stays() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("2002-May-article");
        let attributes: Dict = [("html_body", Value::str("<p>")), ("subject", Value::str("x"))]
            .map(|(k, v)| (k.into(), v))
            .into_iter()
            .collect();
        let article =
            Value::Object(std::rc::Rc::new(Object::old_style("Mailman.Archiver.HyperArch", "Article", attributes)));
        let pickled = pickle::dumps(&article, Protocol::P0).unwrap();
        let database: Dict = [("000001".into(), Value::str(pickled))].into_iter().collect();
        let mut bytes = Vec::new();
        marshal::dump(&Value::dict(database), &mut bytes).unwrap();
        fs::write(&path, &bytes).unwrap();
        rewrite(&path, true).unwrap();
        assert_eq!(fs::read(folder.path().join("2002-May-article.bak")).unwrap(), bytes);
        let after = marshal::load(&ByteStr::new(fs::read(&path).unwrap())).unwrap();
        let (article, _) = pickle::load(after.as_dict().unwrap().get(b"000001").unwrap().as_str().unwrap()).unwrap();
        let object = article.as_object().unwrap();
        assert_eq!((object.attribute("html_body"), object.attribute("subject")), (None, Some(&Value::str("x"))));
    }
}
