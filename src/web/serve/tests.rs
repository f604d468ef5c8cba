//! The server as a client sees it.

use super::*;
use crate::demo;
use std::io::{Read, Write};

fn server() -> (tempfile::TempDir, Server) {
    let folder = tempfile::tempdir().unwrap();
    let proxies = "MAILMAN2_RS_TRUSTED_PROXIES = ['127.0.0.1']".to_string();
    let site = demo::site::create(folder.path(), &[proxies, "MAILMAN2_RS_WEB_BODY_LIMIT = 100".to_string()]).unwrap();
    let list = demo::new_list::NewList { name: "garden", owners: &["rose@example.com"], members: &[] };
    demo::new_list::create(&site, &list).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let server = Server::start(folder.path(), listener, 2).unwrap();
    (folder, server)
}

/// What comes back for these bytes, until the server closes.
fn exchange(server: &Server, bytes: &str) -> String {
    let mut stream = TcpStream::connect(server.address()).unwrap();
    stream.write_all(bytes.as_bytes()).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

#[test]
fn pages_are_served_one_after_the_other() {
    let (_folder, server) = server();
    let get = |path: &str, more: &str| format!("GET {path} HTTP/1.1\r\nHost: lists.example.com\r\n{more}\r\n");
    let answer = exchange(&server, &(get("/mailman/listinfo/GARDEN", "") + &get("/nothing", "Connection: close\r\n")));
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    assert!(
        answer.contains("ACTION=\"../subscribe/garden\"") && answer.contains("Content-Security-Policy: default-src")
    );
    assert!(answer.contains("HTTP/1.1 404 Not Found\r\n") && answer.contains("Connection: close"));
    assert!(exchange(&server, "GET / HTTP/1.0\r\n\r\n").contains("\r\nLocation: /mailman/listinfo\r\n"));
    server.stop();
}

#[test]
fn what_is_no_request_is_refused() {
    let (_folder, server) = server();
    assert!(exchange(&server, "\u{16}\u{3}\r\n\r\n").starts_with("HTTP/1.1 400 "));
    assert!(exchange(&server, "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n").starts_with("HTTP/1.1 411 "));
    let long = format!("GET / HTTP/1.1\r\nX: {}", "x".repeat(40_000));
    assert!(exchange(&server, &long).starts_with("HTTP/1.1 431 "));
    let post = format!("POST /mailman/subscribe/garden HTTP/1.1\r\nContent-Length: 101\r\n\r\n{}", "x".repeat(101));
    assert!(exchange(&server, &post).starts_with("HTTP/1.1 413 "));
    server.stop();
}

#[test]
fn the_client_behind_a_named_proxy_is_logged() {
    let (folder, server) = server();
    let body = "email=ann%40example.org";
    let post = format!(
        "POST /mailman/subscribe/garden HTTP/1.1\r\nHost: lists.example.com\r\nX-Forwarded-For: 203.0.113.1, 203.0.113.9\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    );
    assert!(exchange(&server, &post).starts_with("HTTP/1.1 200 OK"));
    let log = std::fs::read_to_string(folder.path().join("logs/subscribe")).unwrap();
    assert!(log.ends_with("garden: pending ann@example.org  203.0.113.9\n"), "{log}");
    server.stop();
}
