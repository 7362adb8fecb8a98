# A new version of a service takes the place of the old one: at the same address, without a caller noticing.
set -e
trap 'kill $(jobs -p) 2>/dev/null' EXIT
start() {
  : >"$1.json"
  calculator-service --salt 7 --replicas --json </dev/null >"$1.json" &
  until grep -q listening "$1.json"; do kill -0 $!; sleep 0.1; done # it is registered, or has ended
}

start old
old=$!
calculator-client 7 add 100 15.99

# The restart: the new one first, then the end of the old one, which answers what it has begun.
start new
kill "$old" && wait "$old" || true
calculator-client 7 add 100 15.99
