// Command mdlayher-arp answers ARP requests for one address with github.com/mdlayher/arp, at the version that MetalLB 0.16.1 names.
//
//	mdlayher-arp INTERFACE ADDRESS
//
// It asks of a request what MetalLB's arpResponder.processRequest asks, and leaves out its counters and its log.
package main

import (
	"bytes"
	"net"
	"os"

	"github.com/mdlayher/arp"
	"github.com/mdlayher/ethernet"
)

func main() {
	ifi, err := net.InterfaceByName(os.Args[1])
	if err != nil {
		panic(err)
	}
	announced := map[string]bool{net.ParseIP(os.Args[2]).To4().String(): true}
	client, err := arp.Dial(ifi)
	if err != nil {
		panic(err)
	}
	for {
		packet, frame, err := client.Read()
		if err != nil {
			panic(err)
		}
		if packet.Operation != arp.OperationRequest {
			continue
		}
		if !bytes.Equal(frame.Destination, ethernet.Broadcast) && !bytes.Equal(frame.Destination, ifi.HardwareAddr) {
			continue
		}
		if !announced[packet.TargetIP.String()] {
			continue
		}
		if err := client.Reply(packet, ifi.HardwareAddr, packet.TargetIP); err != nil {
			panic(err)
		}
	}
}
