# Real web servers on loopback, each with its snippet of contrib/web; only the paths in it get another root. Nothing of the machine's own
# servers is touched. A server that is not installed is skipped, and said so.
#
# Sourced with: root (where all files are, the programs in cgi-bin/mailman), site, prefix (what the servers hand on as MAILMAN_PREFIX, or
# empty), `as` (how a server becomes somebody else, if it does), and a function `walk`, which finds server and base set.

PATH=$PATH:/usr/sbin:/sbin
faults=0
children=()
trap 'for child in "${children[@]}"; do kill "$child" 2>/dev/null || true; done' EXIT

under_every_server() {
    mkdir -p "$root/run" "$root/tmp"
    [ -z "${as:-}" ] || chown www-data: "$root/run" "$root/tmp"
    apache
    nginx_with_fcgiwrap
    lighttpd_with_cgi
}

# serving NAME PORT: once the server answers, it is walked.
serving() {
    server=$1 base=http://127.0.0.1:$2
    for _ in $(seq 50); do curl -s -o /dev/null "$base/" && break; sleep 0.1; done
    walk
}

fault() {
    echo "  FAULT $server: $*"
    faults=$((faults + 1))
}

# check WHAT EXPECTED-STATUS EXPECTED-TEXT ADDRESS [OPTIONS OF curl...]
check() {
    local what=$1 status=$2 text=$3 address=$4 got
    shift 4
    got=$(curl -s -H 'Host: lists.example.org' -o tmp/page -D tmp/head -w '%{http_code}' "$@" "$base$address" || true)
    if [ "$got" != "$status" ] || ! grep -aqF -- "$text" tmp/page; then
        fault "$what: status $got, wanted $status and \"$text\""
        head -c 300 tmp/page
        echo
    elif [ -z "${QUIET_CHECKS:-}" ]; then
        echo "  $server: $what"
    fi
}

# The value of a field of the page that came last, in whatever order its attributes are.
field() {
    grep -aoi "<input[^>]*name=\"$1\"[^>]*>" tmp/page | head -1 | sed 's/.* value="//I; s/".*//'
}

apache() {
    command -v apache2 >/dev/null || { echo "apache is skipped: not installed" >&2; return; }
    local port=18731
    rerooted apache.conf >run/mailman.conf
    {
        echo "ServerRoot $root/run"
        for module in mpm_event authz_core alias cgid dir mime env; do
            echo "LoadModule ${module}_module /usr/lib/apache2/modules/mod_$module.so"
        done
        echo "Listen 127.0.0.1:$port
ServerName localhost
PidFile $root/run/apache.pid
ScriptSock $root/run/cgisock
ErrorLog $root/run/apache.log
TypesConfig /etc/mime.types
DocumentRoot $root/tmp
AllowEncodedSlashes NoDecode
${prefix:+SetEnv MAILMAN_PREFIX $prefix}
Include $root/run/mailman.conf"
    } >run/apache2.conf
    ${as:-} apache2 -f "$root/run/apache2.conf" -DFOREGROUND &
    children+=($!)
    serving apache $port
}

nginx_with_fcgiwrap() {
    command -v nginx >/dev/null && command -v fcgiwrap >/dev/null ||
        { echo "nginx is skipped: nginx or fcgiwrap is not installed" >&2; return; }
    local port=18732
    ${as:-} env ${prefix:+MAILMAN_PREFIX=$prefix} fcgiwrap -s "unix:$root/run/fcgiwrap.socket" &
    children+=($!)
    rerooted nginx.conf | sed 's#include fastcgi_params#include /etc/nginx/fastcgi_params#' >run/mailman-nginx.conf
    cat >run/nginx.conf <<CFG
daemon off;
pid $root/run/nginx.pid;
error_log $root/run/nginx.log;
events { }
http {
    access_log off;
    client_body_temp_path $root/tmp/body; fastcgi_temp_path $root/tmp/fastcgi; proxy_temp_path $root/tmp/proxy;
    uwsgi_temp_path $root/tmp/uwsgi; scgi_temp_path $root/tmp/scgi;
    include /etc/nginx/mime.types;
    server {
        listen 127.0.0.1:$port;
        include $root/run/mailman-nginx.conf;
    }
}
CFG
    ${as:-} nginx -c "$root/run/nginx.conf" -e "$root/run/nginx.log" &
    children+=($!)
    serving nginx $port
}

lighttpd_with_cgi() {
    command -v lighttpd >/dev/null || { echo "lighttpd is skipped: not installed" >&2; return; }
    local port=18733 setenv=
    [ -z "$prefix" ] || setenv="setenv.set-environment = ( \"MAILMAN_PREFIX\" => \"$prefix\" )"
    rerooted lighttpd.conf >run/mailman-lighttpd.conf
    cat >run/lighttpd.conf <<CFG
server.modules = ( "mod_setenv" )
server.document-root = "$root/tmp"
server.bind = "127.0.0.1"
server.port = $port
server.upload-dirs = ( "$root/tmp" )
server.errorlog = "$root/run/lighttpd.log"
mimetype.assign = ( ".html" => "text/html", ".txt" => "text/plain", "" => "application/octet-stream" )
$setenv
include "$root/run/mailman-lighttpd.conf"
CFG
    ${as:-} lighttpd -D -f "$root/run/lighttpd.conf" &
    children+=($!)
    serving lighttpd $port
}

# A snippet with another root before its paths.
rerooted() {
    sed -e "s#/usr/lib/cgi-bin#$root/cgi-bin#g; s#/var/lib/mailman#$site#g; s#/run/fcgiwrap#$root/run/fcgiwrap#g" \
        -e "s#/usr/lib\\\$fastcgi#$root\$fastcgi#g" "$1"
}
