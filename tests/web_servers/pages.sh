# A site without any Python, and its pages under each web server. Called by `run`.
set -eu
root=$MAILMAN2_TEST_ROOT
cd "$root"
site=$root/var/lib/mailman
prefix=$site
cgi=$root/cgi-bin/mailman
. "$root/servers.sh"

rs() { MAILMAN_PREFIX=$site "$root/mailman2-rs" "$@"; }

make_site() {
    for folder in Mailman archives/private archives/public bin data lists locks logs messages qfiles spam templates; do
        mkdir -p "$site/$folder"
    done
    echo "VERSION = '2.1.39'" >"$site/Mailman/Version.py"
    cat >"$site/Mailman/mm_cfg.py" <<CFG
from Defaults import *
MAILMAN_USER = '$(id -un)'
MAILMAN_GROUP = '$(id -gn)'
DEFAULT_URL_HOST = 'lists.example.org'
DEFAULT_EMAIL_HOST = 'lists.example.org'
DEFAULT_URL_PATTERN = 'http://%s/cgi-bin/mailman/'
MTA = None
MAILMAN2_RS_WEB_BODY_LIMIT = 100000
CFG
    rs newlist -q garden rose@example.org rose-secret >/dev/null
    printf 'Anna Berg <anna@example.org>\n' | rs add_members -r - -w n -a n garden >/dev/null
    printf 'From anna@example.org  Mon Mar  2 10:00:00 2026\nFrom: Anna <anna@example.org>\nSubject: Seeds\nDate: %s\n\nBeans.\n' \
        'Mon, 02 Mar 2026 10:00:00 +0000' >"$site/archives/private/garden.mbox/garden.mbox"
    rs arch --wipe --quiet garden
    mkdir -p "$cgi" run tmp
    for page in admin admindb confirm create edithtml listinfo options private rmlist roster subscribe; do
        cp "$root/mailman2-cgi" "$cgi/$page"
    done
}

walk() {
    local at=/cgi-bin/mailman jar=tmp/jar.$server token
    check "overview" 200 "Garden" $at/listinfo
    check "list" 200 "Subscribing to Garden" $at/listinfo/garden
    check "unknown list" 404 "No such list" $at/listinfo/nothing
    check "join" 200 "Garden" $at/subscribe/garden --data "email=$server@example.org"
    check "address in the path" 200 "anna@example.org" $at/options/garden/anna%40example.org
    check "wrong password" 401 "Authorization failed" $at/admin/garden --data adminpw=wrong
    check "login" 200 "General Options" $at/admin/garden/general --data "adminpw=rose-secret&admlogin=1" -c "$jar"
    token=$(field csrf_token)
    check "change by cookie and token" 200 "By $server" $at/admin/garden/general -b "$jar" \
        --data-urlencode "csrf_token=$token" --data-urlencode "description=By $server"
    rs config_list -o - garden | grep -q "description = .*By $server" || fault "not stored"
    printf 'up-%s@example.org\n' "$server" >tmp/upload
    check "upload" 200 "up-$server@example.org" $at/admin/garden/members/add -b "$jar" -F "csrf_token=$token" \
        -F subscribees= -F subscribees_upload=@tmp/upload -F send_welcome_msg_to_this_batch=0
    head -c 200000 /dev/zero | tr '\0' x >tmp/large
    check "body above the limit" 413 "larger" $at/admin/garden --data-binary @tmp/large
    check "nothing held" 200 "no pending requests" $at/admindb/garden --data "adminpw=rose-secret"
    check "confirm" 200 "confirm" $at/confirm/garden
    check "roster" 401 "roster authentication failed" $at/roster/garden
    check "edithtml" 200 "admlogin" $at/edithtml/garden
    check "create" 200 "creator" $at/create
    check "rmlist" 200 "sneaky" $at/rmlist/garden
    check "private archive" 200 "March 2026" $at/private/garden/ --data "username=anna@example.org&password=rose-secret&submit=1"
    check "public archive" 200 "Seeds" /pipermail/garden/2026-March/thread.html
    check "HEAD" 200 "" $at/listinfo/garden -I
}

make_site
under_every_server
[ "$faults" = 0 ] && echo "all in order" || { echo "$faults faults"; exit 1; }
