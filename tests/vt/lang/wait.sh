# Waits in the ways that shell scripts wait, and says how long each took.
took() {
    name=$1
    shift
    start=${EPOCHREALTIME/./}
    "$@"
    echo "$name $(((${EPOCHREALTIME/./} - start) / 1000)) ms"
}
read_a_line() { read -r -t 0.07 line; }
in_the_background() {
    sleep 0.1 &
    sleep 0.3 &
    wait
}
took sleep sleep 0.025
took "read -t" read_a_line
took wait in_the_background
took pipeline eval 'sleep 0.2 | cat'
took timeout timeout 0.5 sleep 9
sleep 60
echo "SECONDS $SECONDS"
date -u +%Y-%m-%dT%H:%M
echo "~ $RANDOM $$ $(date +%s%N)"
