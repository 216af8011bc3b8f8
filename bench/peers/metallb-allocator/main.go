// Command metallb-allocator measures the allocator of MetalLB 0.16.1 by itself. It is built inside a copy of MetalLB's module, as its
// allocator is internal.
//
//	metallb-allocator POOL LONGEST SAMPLE IN-USE...
//
// For each IN-USE it fills the pool with so many Services, the n-th with the n-th address, without looking for one; then it times
// assignments of new Services, and then releases of scattered Services with their assignment anew. It takes SAMPLE of each, fewer where
// they take longer than LONGEST seconds, and prints one line of JSON: nanoseconds of its thread's CPU.
package main

import (
	"encoding/json"
	"fmt"
	"math/big"
	"net"
	"os"
	"runtime"
	"strconv"
	"syscall"
	"time"

	"go.universe.tf/metallb/internal/allocator"
	"go.universe.tf/metallb/internal/config"
	"go.universe.tf/metallb/internal/ipfamily"
	v1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// rusageThread is RUSAGE_THREAD of getrusage(2), which package syscall does not name.
const rusageThread = 1

type figures struct {
	InUse  int     `json:"inUse"`
	Assign float64 `json:"assign"`
	Churn  float64 `json:"churn"`
	Sample int     `json:"sample"`
}

func main() {
	runtime.LockOSThread()
	_, network, err := net.ParseCIDR(os.Args[1])
	check(err)
	longest, err := strconv.ParseFloat(os.Args[2], 64)
	check(err)
	sample, err := strconv.Atoi(os.Args[3])
	check(err)
	for _, text := range os.Args[4:] {
		inUse, err := strconv.Atoi(text)
		check(err)
		check(json.NewEncoder(os.Stdout).Encode(measure(network, inUse, sample, longest)))
	}
}

func measure(network *net.IPNet, inUse int, sample int, longest float64) figures {
	a := allocator.New(func(string) {})
	pool := &config.Pool{Name: "pool", CIDR: []*net.IPNet{network}, AutoAssign: true}
	a.SetPools(&config.Pools{ByName: map[string]*config.Pool{"pool": pool}})
	ports := []allocator.Port{{Proto: "TCP", Port: 80}}
	services := make([]*v1.Service, inUse+sample)
	for i := range services {
		services[i] = &v1.Service{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: fmt.Sprintf("service-%d", i)}}
	}
	key := func(i int) string { return "default/" + services[i].Name }
	first := new(big.Int).SetBytes(network.IP)
	for i := 0; i < inUse; i++ {
		octets := new(big.Int).Add(first, big.NewInt(int64(i))).FillBytes(make([]byte, len(network.IP)))
		check(a.Assign(key(i), services[i], []net.IP{octets}, ports, "", ""))
	}
	assign := func(i int) {
		_, err := a.Allocate(key(i), services[i], ipfamily.IPv4, ports, "", "")
		check(err)
	}
	perAssign, assigned := timed(sample, longest, func(i int) { assign(inUse + i) })
	// A stride that has no divisor in common with the number in use visits each once.
	perChurn, _ := timed(min(sample, inUse), longest, func(i int) {
		scattered := (i * 7919) % inUse
		a.Unassign(key(scattered))
		assign(scattered)
	})
	return figures{InUse: inUse, Assign: perAssign, Churn: perChurn, Sample: assigned}
}

// timed runs body up to count times, for no longer than so many seconds, and returns the nanoseconds of CPU of one and how many it ran.
func timed(count int, longest float64, body func(int)) (float64, int) {
	deadline := time.Now().Add(time.Duration(longest * float64(time.Second)))
	start := threadTime()
	i := 0
	for ; i < count && (i == 0 || time.Now().Before(deadline)); i++ {
		body(i)
	}
	return float64(threadTime()-start) / float64(i), i
}

func threadTime() int64 {
	var usage syscall.Rusage
	check(syscall.Getrusage(rusageThread, &usage))
	return usage.Utime.Nano() + usage.Stime.Nano()
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}
