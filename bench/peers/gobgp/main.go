// Command gobgp-codec measures GoBGP's BGP codec over UPDATE messages given as lines of hexadecimal digits.
//
//	gobgp-codec FILE ROUNDS MILLISECONDS
//
// It prints {"decode": messages a second, "encode": messages a second}, each the best round.
package main

import (
	"bufio"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"time"

	"github.com/osrg/gobgp/v4/pkg/packet/bgp"
)

func rate(count, rounds int, round time.Duration, pass func()) float64 {
	for start := time.Now(); time.Since(start) < round; {
		pass()
	}
	best := 0.0
	for range rounds {
		start := time.Now()
		passes := 0
		for time.Since(start) < round {
			pass()
			passes++
		}
		best = max(best, float64(count*passes)/time.Since(start).Seconds())
	}
	return best
}

func main() {
	file, err := os.Open(os.Args[1])
	if err != nil {
		panic(err)
	}
	rounds, _ := strconv.Atoi(os.Args[2])
	milliseconds, _ := strconv.Atoi(os.Args[3])
	round := time.Duration(milliseconds) * time.Millisecond

	var frames [][]byte
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		frame, err := hex.DecodeString(lines.Text())
		if err != nil {
			panic(err)
		}
		frames = append(frames, frame)
	}

	var messages []*bgp.BGPMessage
	for _, frame := range frames {
		if message, err := bgp.ParseBGPMessage(frame); err == nil {
			messages = append(messages, message)
		}
	}
	fmt.Fprintf(os.Stderr, "%d of %d decoded\n", len(messages), len(frames))

	seen := 0
	decode := rate(len(frames), rounds, round, func() {
		for _, frame := range frames {
			if message, err := bgp.ParseBGPMessage(frame); err == nil {
				seen += len(message.Body.(*bgp.BGPUpdate).PathAttributes)
			}
		}
	})
	encode := rate(len(messages), rounds, round, func() {
		for _, message := range messages {
			octets, err := message.Serialize()
			if err != nil {
				panic(err)
			}
			seen += len(octets)
		}
	})
	if seen == 0 {
		panic("nothing decoded")
	}
	_ = json.NewEncoder(os.Stdout).Encode(map[string]float64{"decode": decode, "encode": encode})
}
