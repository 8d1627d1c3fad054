#!/usr/bin/env bash
# A real WordPress on loopback, read live, from saved pages, from a WARC, and with its REST API closed.
# Needs from `run`: CAUSERIE_BIN, PYTHON, WORDPRESS (its files), WORK (an empty folder).
set -uo pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/verdict.sh"

mariadb_pid='' php_pid=''
stop() {
    [ -n "$php_pid" ] && kill "$php_pid" 2>/dev/null && wait "$php_pid" 2>/dev/null
    [ -n "$mariadb_pid" ] && kill "$mariadb_pid" 2>/dev/null && wait "$mariadb_pid" 2>/dev/null
    rm -rf "$socket_dir"
}
# A socket's path holds 107 bytes at most: the working folder may be too deep.
socket_dir=$(mktemp -d /tmp/causerie-wp.XXXXXX)
trap stop EXIT
trap 'exit 130' INT TERM

give_up() {
    failed "wordpress-setup" "$1"
    [ -n "${2:-}" ] && show "$2"
    exit 1
}

# --- the servers ---------------------------------------------------------------------------------------------
site="$WORK/site"
mkdir -p "$site"
cp -RL "$WORDPRESS/." "$site/" 2>"$WORK/copy.log"
rm -rf "$site/.htaccess"
cp "$here/wordpress/wp-config.php" "$site/wp-config.php"
mkdir -p "$site/wp-content/mu-plugins"
cp "$here/wordpress/close-rest.php" "$site/wp-content/mu-plugins/"

PATH="$PATH:/usr/sbin:/sbin"
server=$(command -v mariadbd || command -v mysqld) || give_up "no mariadbd on this machine: install mariadb-server"
installer=$(command -v mariadb-install-db || command -v mysql_install_db) || give_up "no mariadb-install-db"
client=$(command -v mariadb || command -v mysql) || give_up "no mariadb client"
me=$(id -un)
"$installer" --no-defaults --datadir="$WORK/db" --user="$me" --auth-root-authentication-method=normal \
    --skip-test-db >"$WORK/install-db.log" 2>&1 || give_up "the database could not be created" "$WORK/install-db.log"
"$server" --no-defaults --datadir="$WORK/db" --user="$me" --socket="$socket_dir/s" --pid-file="$socket_dir/pid" \
    --skip-networking --character-set-server=utf8mb4 --innodb-buffer-pool-size=32M \
    --innodb-flush-log-at-trx-commit=0 >"$WORK/mariadb.log" 2>&1 &
mariadb_pid=$!
for _ in $(seq 150); do
    "$client" --no-defaults --socket="$socket_dir/s" -u root -e 'CREATE DATABASE IF NOT EXISTS wordpress' \
        >/dev/null 2>&1 && break
    kill -0 "$mariadb_pid" 2>/dev/null || give_up "the database server stopped" "$WORK/mariadb.log"
    sleep 0.2
done

port=$("$PYTHON" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
export WP_SOCKET="$socket_dir/s" WP_URL="http://127.0.0.1:$port"
php -d display_errors=stderr "$here/wordpress/install.php" "$site" >"$WORK/install.out" 2>"$WORK/install.log" ||
    give_up "WordPress' own installer failed" "$WORK/install.log"
article=$(tail -n 1 "$WORK/install.out")
case $article in '' | *[!0-9]*) give_up "the installer did not print the article's number" "$WORK/install.out" ;; esac
php -d display_errors=0 -S "127.0.0.1:$port" -t "$site" "$here/wordpress/router.php" >"$WORK/php.log" 2>&1 &
php_pid=$!
for _ in $(seq 100); do
    curl -fsS -o /dev/null "$WP_URL/?p=$article" 2>"$WORK/curl.log" && break
    kill -0 "$php_pid" 2>/dev/null || give_up "PHP's web server stopped" "$WORK/php.log"
    sleep 0.2
done
curl -fsS -o /dev/null "$WP_URL/?p=$article" 2>"$WORK/curl.log" || give_up "the site does not answer" "$WORK/curl.log"

# --- themes: one classic, one of blocks ----------------------------------------------------------------------
classic='' blocks=''
for folder in "$site"/wp-content/themes/*/; do
    name=$(basename "$folder")
    if [ -f "$folder/templates/index.html" ]; then
        [ -z "$blocks" ] && blocks=$name
    elif [ -f "$folder/comments.php" ]; then
        [ -z "$classic" ] && classic=$name
    fi
done
# The newest block theme is the one with the markup most sites have.
for name in twentytwentyfive twentytwentyfour twentytwentythree; do
    [ -f "$site/wp-content/themes/$name/templates/index.html" ] && blocks=$name && break
done

# arrange NAME THEME PERMALINKS FIRST_PAGE REST: the site's settings, and truth-NAME.json with what its database says
arrange() {
    php -d display_errors=stderr "$here/wordpress/arrange.php" "$site" "$article" "$2" "$3" "$4" "$5" \
        >"$WORK/truth-$1.json" 2>"$WORK/arrange-$1.log" || {
        failed "wordpress-$1" "the site could not be arranged"
        show "$WORK/arrange-$1.log"
        return 1
    }
}

(umask 077 && printf "%064d\n" 7 >"$WORK/author.key")

# analyze NAME INPUT...: runs the command into out-NAME/; its messages go to NAME.log
analyze() {
    local name=$1
    shift
    rm -rf "$WORK/out-$name"
    # A cache of its own: the site changes between the runs, and its addresses do not.
    XDG_CACHE_HOME="$WORK/cache-$name" timeout 180 "$CAUSERIE_BIN" analyze --interval 0 --author-key "$WORK/author.key" --authors keep "$@" \
        -o "$WORK/out-$name/" >"$WORK/$name.out" 2>"$WORK/$name.log"
    local status=$?
    if [ $status -ne 0 ]; then
        failed "wordpress-$name-exit" "exit code $status"
        show "$WORK/$name.log"
    fi
}

# compare NAME TRUTH rest|html [FOLDER of saved pages]: prints one verdict a property
compare() {
    "$PYTHON" "$here/wordpress/compare.py" "$@" "$WORK" || failed "wordpress-$1" "the comparison itself broke"
}

# save TRUTH FOLDER with-rest|html-only: the pages a reader would save, and the answers a script would
save() {
    "$PYTHON" "$here/wordpress/save.py" "$WORK/truth-$1.json" "$2" "$3" >"$WORK/save.log" 2>&1 || {
        failed "wordpress-$1-save" "the pages could not be saved"
        show "$WORK/save.log"
        return 1
    }
}

# road NAME THEME PERMALINKS FIRST_PAGE: one arrangement, live and saved, with the REST API open and closed
road() {
    local name=$1 url
    arrange "$name" "$2" "$3" "$4" open || return
    url=$("$PYTHON" -c 'import json, sys; print(json.load(open(sys.argv[1]))["url"])' "$WORK/truth-$name.json")
    analyze "$name-live" "$url"
    compare "$name-live" "$name" rest
    # The link of one comment, or of a later page, stands for the whole discussion.
    analyze "$name-page2" "$("$PYTHON" "$here/wordpress/save.py" "$WORK/truth-$name.json" page 2)"
    compare "$name-page2" "$name" rest

    if save "$name" "$WORK/pages-$name" with-rest; then
        analyze "$name-saved" "$WORK/pages-$name"
        compare "$name-saved" "$name" rest
        if wget --version >/dev/null 2>&1; then
            # One run of wget for all pages: one archive.
            mkdir -p "$WORK/warc-$name"
            wget -q --no-proxy -O /dev/null --warc-file="$WORK/warc-$name/thread" -i "$WORK/pages-$name.urls" \
                2>"$WORK/wget.log" || { failed "wordpress-$name-warc" "wget failed"; show "$WORK/wget.log"; }
            analyze "$name-warc" "$WORK/warc-$name/thread.warc.gz"
            compare "$name-warc" "$name" rest
        fi
    fi

    arrange "$name" "$2" "$3" "$4" closed || return
    save "$name" "$WORK/pages-$name-closed" html-only || return
    analyze "$name-closed" "$url"
    compare "$name-closed" "$name" html "$WORK/pages-$name-closed"
    analyze "$name-closed-saved" "$WORK/pages-$name-closed"
    compare "$name-closed-saved" "$name" html "$WORK/pages-$name-closed"
}

if [ -n "$classic" ]; then
    road "classic" "$classic" pretty newest
    road "classic-plain" "$classic" plain oldest
else
    skipped "wordpress-classic" "no classic theme among the installed ones"
fi
if [ -n "$blocks" ]; then
    road "blocks" "$blocks" pretty oldest
    road "blocks-plain" "$blocks" plain newest
else
    skipped "wordpress-blocks" "no block theme among the installed ones"
fi
[ -n "$classic$blocks" ] || failed "wordpress-themes" "no theme is installed, so nothing was checked"

# Kept on request, to look at what a WordPress really sends.
if [ -n "${CAUSERIE_INTEROP_KEEP:-}" ]; then
    mkdir -p "$CAUSERIE_INTEROP_KEEP"
    cp -R "$WORK"/pages-* "$WORK"/warc-* "$WORK"/truth-*.json "$CAUSERIE_INTEROP_KEEP/" 2>/dev/null
fi
exit 0
