# A net.tcp service that knows nothing of port sharing (here: one that has its port for itself)
# takes a path of the shared port 9000, beside a service that shares it.
set -e

calculator-service --salt 1 </dev/null &
calculator-service --salt 2 --no-port-sharing --port 9101 </dev/null &
trap 'kill $(jobs -p)' EXIT
sleep 1

net-tcp-port-sharing route add /calculator/2 127.0.0.1:9101
net-tcp-port-sharing route list
calculator-client 1 add 100 15.99
calculator-client 2 add 100 15.99
net-tcp-port-sharing status
net-tcp-port-sharing route remove /calculator/2
