//! Which file name extensions belong to a media type, and which type to a name: Python 2.7's `mimetypes`, and the host's
//! own tables.
//!
//! The order decides the extension of a stored attachment. It is the order of a Python dictionary (64 bit, no hash
//! randomisation), then what `/etc/mime.types` and its kin add; Debian's `media-types` is on most sites.

use std::collections::HashMap;
use std::fs;
use std::sync::OnceLock;

/// Where Python looks for more, in its order.
const KNOWN_FILES: [&str; 8] = [
    "/etc/mime.types",
    "/etc/httpd/mime.types",
    "/etc/httpd/conf/mime.types",
    "/etc/apache/mime.types",
    "/etc/apache2/mime.types",
    "/usr/local/etc/httpd/conf/mime.types",
    "/usr/local/lib/netscape/mime.types",
    "/usr/local/etc/mime.types",
];

/// A table larger than this is not one.
const FILE_LIMIT: u64 = 4 << 20;

/// Extensions by type, in the order in which Python finds them, and the type of each extension.
struct Table(HashMap<String, Vec<String>>, HashMap<String, String>);

/// All extensions with their dots, Python's `guess_all_extensions(type, strict=False)`.
pub fn extensions(media_type: &str) -> &'static [String] {
    Table::get().0.get(&media_type.to_ascii_lowercase()).map_or(&[], Vec::as_slice)
}

/// The type that a file's name tells, Python's `guess_type(name, strict=False)[0]`: an ending that tells of compression
/// does not count.
pub fn guess(name: &str) -> Option<&'static str> {
    let extension = match split_extension(name) {
        (_, ".tgz" | ".taz" | ".tz" | ".tbz2" | ".txz") => ".tar",
        (stem, ".gz" | ".Z" | ".bz2" | ".xz") => split_extension(stem).1,
        (_, extension) => extension,
    };
    let types = &Table::get().1;
    types.get(extension).or_else(|| types.get(&extension.to_ascii_lowercase())).map(String::as_str)
}

/// `posixpath.splitext`: dots at the start of the last part of a path begin no extension.
fn split_extension(name: &str) -> (&str, &str) {
    let base = name.rfind('/').map_or(0, |at| at + 1);
    let leading = name[base..].len() - name[base..].trim_start_matches('.').len();
    match name[base + leading..].rfind('.') {
        Some(at) => name.split_at(base + leading + at),
        None => (name, ""),
    }
}

impl Table {
    fn get() -> &'static Table {
        static TABLE: OnceLock<Table> = OnceLock::new();
        TABLE.get_or_init(Table::of_this_host)
    }

    fn of_this_host() -> Self {
        let mut table = Table::built_in();
        for path in KNOWN_FILES {
            if fs::metadata(path).is_ok_and(|m| m.is_file() && m.len() <= FILE_LIMIT) {
                table.read(&String::from_utf8_lossy(&fs::read(path).unwrap_or_default()));
            }
        }
        for (extension, kind) in COMMON {
            let known = table.1.get(*extension).cloned();
            table.add(kind, extension);
            // What is registered wins where one type is asked for.
            known.map(|known| table.1.insert(extension.to_string(), known));
        }
        table
    }

    fn built_in() -> Self {
        let mut table = Table(HashMap::new(), HashMap::new());
        STANDARD.iter().for_each(|(extension, kind)| table.add(kind, extension));
        table
    }

    /// One type per line, its extensions behind it; a word that begins with `#` ends the line.
    fn read(&mut self, text: &str) {
        for line in text.lines() {
            let mut words = line.split_whitespace().take_while(|word| !word.starts_with('#'));
            if let Some(kind) = words.next() {
                words.for_each(|suffix| self.add(kind, &format!(".{suffix}")));
            }
        }
    }

    fn add(&mut self, kind: &str, extension: &str) {
        self.1.insert(extension.to_string(), kind.to_string());
        let known = self.0.entry(kind.to_string()).or_default();
        if !known.iter().any(|e| e == extension) {
            known.push(extension.to_string());
        }
    }
}

/// `mimetypes.types_map` of Python 2.7.18 in the order of its dictionary.
#[rustfmt::skip]
const STANDARD: &[(&str, &str)] = &[
    (".xbm", "image/x-xbitmap"), (".xlb", "application/vnd.ms-excel"), (".obj", "application/octet-stream"),
    (".ra", "audio/x-pn-realaudio"), (".sgm", "text/x-sgml"), (".wsdl", "application/xml"),
    (".texi", "application/x-texinfo"), (".dvi", "application/x-dvi"), (".dll", "application/octet-stream"),
    (".tif", "image/tiff"), (".mpeg", "video/mpeg"), (".ustar", "application/x-ustar"), (".gif", "image/gif"),
    (".ksh", "text/plain"), (".ppt", "application/vnd.ms-powerpoint"), (".ras", "image/x-cmu-raster"),
    (".pps", "application/vnd.ms-powerpoint"), (".ram", "application/x-pn-realaudio"),
    (".ppm", "image/x-portable-pixmap"), (".bcpio", "application/x-bcpio"), (".latex", "application/x-latex"),
    (".bat", "text/plain"), (".mov", "video/quicktime"), (".m1v", "video/mpeg"),
    (".ppa", "application/vnd.ms-powerpoint"), (".eml", "message/rfc822"), (".tr", "application/x-troff"),
    (".qt", "video/quicktime"), (".xsl", "application/xml"), (".avi", "video/x-msvideo"),
    (".t", "application/x-troff"), (".bmp", "image/x-ms-bmp"), (".nc", "application/x-netcdf"),
    (".sv4cpio", "application/x-sv4cpio"), (".shar", "application/x-shar"), (".js", "application/javascript"),
    (".src", "application/x-wais-source"), (".bin", "application/octet-stream"), (".aif", "audio/x-aiff"),
    (".json", "application/json"), (".dot", "application/msword"), (".h", "text/plain"),
    (".tcl", "application/x-tcl"), (".wiz", "application/msword"), (".mht", "message/rfc822"),
    (".a", "application/octet-stream"), (".csv", "text/csv"), (".ai", "application/postscript"),
    (".o", "application/octet-stream"), (".css", "text/css"), (".wav", "audio/x-wav"),
    (".me", "application/x-troff-me"), (".csh", "application/x-csh"), (".ico", "image/vnd.microsoft.icon"),
    (".txt", "text/plain"), (".au", "audio/basic"), (".xpm", "image/x-xpixmap"), (".pdf", "application/pdf"),
    (".tiff", "image/tiff"), (".cdf", "application/x-netcdf"), (".pl", "text/plain"), (".c", "text/plain"),
    (".oda", "application/oda"), (".ms", "application/x-troff-ms"), (".rgb", "image/x-rgb"), (".jpe", "image/jpeg"),
    (".jpg", "image/jpeg"), (".py", "text/x-python"), (".xml", "text/xml"), (".sh", "application/x-sh"),
    (".jpeg", "image/jpeg"), (".ps", "application/postscript"), (".gtar", "application/x-gtar"),
    (".sv4crc", "application/x-sv4crc"), (".vcf", "text/x-vcard"), (".hdf", "application/x-hdf"),
    (".rdf", "application/xml"), (".nws", "message/rfc822"), (".tsv", "text/tab-separated-values"),
    (".mpa", "video/mpeg"), (".xpdl", "application/xml"), (".mpg", "video/mpeg"), (".mpe", "video/mpeg"),
    (".doc", "application/msword"), (".pgm", "image/x-portable-graymap"), (".pot", "application/vnd.ms-powerpoint"),
    (".svg", "image/svg+xml"), (".mif", "application/x-mif"), (".roff", "application/x-troff"), (".htm", "text/html"),
    (".pwz", "application/vnd.ms-powerpoint"), (".eps", "application/postscript"), (".p7c", "application/pkcs7-mime"),
    (".ief", "image/ief"), (".so", "application/octet-stream"), (".p12", "application/x-pkcs12"),
    (".texinfo", "application/x-texinfo"), (".pbm", "image/x-portable-bitmap"), (".mp3", "audio/mpeg"),
    (".xwd", "image/x-xwindowdump"), (".mp2", "audio/mpeg"), (".webm", "video/webm"),
    (".man", "application/x-troff-man"), (".etx", "text/x-setext"), (".xls", "application/vnd.ms-excel"),
    (".zip", "application/zip"), (".movie", "video/x-sgi-movie"), (".tex", "application/x-tex"),
    (".pyc", "application/x-python-code"), (".png", "image/png"), (".pfx", "application/x-pkcs12"),
    (".mhtml", "message/rfc822"), (".tar", "application/x-tar"), (".pnm", "image/x-portable-anymap"),
    (".mjs", "application/javascript"), (".sgml", "text/x-sgml"), (".pyo", "application/x-python-code"),
    (".snd", "audio/basic"), (".rtx", "text/richtext"), (".cpio", "application/x-cpio"),
    (".swf", "application/x-shockwave-flash"), (".html", "text/html"), (".aiff", "audio/x-aiff"),
    (".aifc", "audio/x-aiff"), (".exe", "application/octet-stream"), (".mp4", "video/mp4"),
];

/// `mimetypes.common_types`: not registered, but met.
const COMMON: &[(&str, &str)] = &[
    (".xul", "text/xul"),
    (".pic", "image/pict"),
    (".jpg", "image/jpg"),
    (".mid", "audio/midi"),
    (".rtf", "application/rtf"),
    (".pct", "image/pict"),
    (".pict", "image/pict"),
    (".midi", "audio/midi"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_type_of_a_name() {
        let guesses = ["/club/x.html", "a.txt.gz", "A.HTML", "x.tgz", "x", "/a.b/.html", "/x/2026-March.txt.gz"];
        let wanted = [
            Some("text/html"),
            Some("text/plain"),
            Some("text/html"),
            Some("application/x-tar"),
            None,
            None,
            Some("text/plain"),
        ];
        assert_eq!(guesses.map(guess), wanted);
    }

    #[test]
    fn built_in_order_is_pythons() {
        let table = Table::built_in();
        assert_eq!(table.0["message/rfc822"], [".eml", ".mht", ".nws", ".mhtml"]);
        assert_eq!(table.0["text/plain"][..2], [".ksh", ".bat"]);
        assert_eq!(table.0["application/octet-stream"][0], ".obj");
        assert_eq!(table.0["text/html"], [".htm", ".html"]);
    }

    #[test]
    fn a_table_of_the_host_adds_behind() {
        let mut table = Table::built_in();
        table.read("# comment\ntext/html  html htm shtml # more\nx/y\nmodel/x a b\n");
        assert_eq!(table.0["text/html"], [".htm", ".html", ".shtml"]);
        assert_eq!(table.0["model/x"], [".a", ".b"]);
    }
}
