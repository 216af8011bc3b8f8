/*
 * Asks for one address by ARP or Neighbor Discovery and measures the answers.
 *
 *     arp-client INTERFACE ADDRESS latency COUNT MICROSECONDS [halting]
 *     arp-client INTERFACE ADDRESS window COUNT OUTSTANDING [halting]
 *
 * latency: one request at a time, the next no sooner than MICROSECONDS after the last. Prints {"p50", "p99": microseconds, "lost"}.
 * window: OUTSTANDING requests under way at any time. Prints {"perSecond": replies a second, "lost"}.
 *
 * It stays on CPU 0 and never blocks, so that its own wake-up is not measured, and moves frames in batches, so that it is not the limit.
 * Unless told "halting", it keeps idle CPUs from halting (/dev/cpu_dma_latency): in a virtual machine a halted CPU takes the
 * hypervisor tens of microseconds to wake, for every responder.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netpacket/packet.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define BATCH 64
#define FRAME 128
#define TIMEOUT 200000000LL /* Nanoseconds without an answer after which open requests count as lost. */
#ifndef PACKET_IGNORE_OUTGOING
#define PACKET_IGNORE_OUTGOING 23
#endif

static int fd;
static int ipv6;
static uint8_t target[16];
static uint8_t request[FRAME];
static size_t request_length;
static struct mmsghdr out[BATCH], in[BATCH];
static struct iovec out_vector, in_vectors[BATCH];
static uint8_t received[BATCH][FRAME];

static void die(const char *what) {
    perror(what);
    exit(1);
}

static int64_t now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static void stay_on(int cpu) {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(cpu, &set);
    if (sched_setaffinity(0, sizeof set, &set) < 0) die("sched_setaffinity");
}

/* Asks for wake-ups without delay as long as this process lives; false where the kernel does not take such wishes. */
static int keep_awake(void) {
    const int32_t microseconds = 0;
    int latency = open("/dev/cpu_dma_latency", O_WRONLY | O_CLOEXEC);
    return latency >= 0 && write(latency, &microseconds, sizeof microseconds) == sizeof microseconds;
}

static uint16_t checksum(const uint8_t *octets, size_t length, uint32_t sum) {
    for (size_t i = 0; i + 1 < length; i += 2) sum += octets[i] << 8 | octets[i + 1];
    while (sum >> 16) sum = (sum & 0xffff) + (sum >> 16);
    return ~sum;
}

/* A broadcast request from 192.0.2.2. */
static void make_arp(const uint8_t *mac) {
    static const uint8_t head[] = {8, 6, 0, 1, 8, 0, 6, 4, 0, 1}, sender[] = {192, 0, 2, 2};
    memset(request, 0xff, 6);
    memcpy(request + 6, mac, 6);
    memcpy(request + 12, head, 10);
    memcpy(request + 22, mac, 6);
    memcpy(request + 28, sender, 4);
    memcpy(request + 38, target, 4);
    request_length = 42;
}

/* A multicast Neighbor Solicitation from fe80::2 with the source link-layer address. */
static void make_solicitation(const uint8_t *mac) {
    uint8_t *ip = request + 14, *icmp = ip + 40;
    const uint8_t station[] = {0x33, 0x33, 0xff, target[13], target[14], target[15]};
    memcpy(request, station, 6);
    memcpy(request + 6, mac, 6);
    request[12] = 0x86, request[13] = 0xdd;
    ip[0] = 0x60, ip[5] = 32, ip[6] = 58, ip[7] = 255;
    ip[8] = 0xfe, ip[9] = 0x80, ip[23] = 2;
    ip[24] = 0xff, ip[25] = 2, ip[35] = 1, ip[36] = 0xff;
    memcpy(ip + 37, target + 13, 3);
    icmp[0] = 135;
    memcpy(icmp + 8, target, 16);
    icmp[24] = 1, icmp[25] = 1;
    memcpy(icmp + 26, mac, 6);
    /* Addresses, then the length 32 and the next header 58 of the pseudo-header, then the message. */
    uint16_t sum = checksum(ip + 8, 32 + 32, 32 + 58);
    icmp[2] = sum >> 8, icmp[3] = sum;
    request_length = 14 + 40 + 32;
}

static int answers(const uint8_t *frame, size_t length) {
    if (ipv6) return length >= 78 && frame[20] == 58 && frame[54] == 136 && memcmp(frame + 62, target, 16) == 0;
    return length >= 42 && frame[21] == 2 && memcmp(frame + 28, target, 4) == 0;
}

static void send_requests(int count) {
    while (count > 0) {
        int sent = sendmmsg(fd, out, count < BATCH ? count : BATCH, MSG_DONTWAIT);
        if (sent > 0) count -= sent;
        else if (errno != EAGAIN && errno != ENOBUFS) die("sendmmsg");
    }
}

/* Takes what has come; how many of it are answers. */
static int take(void) {
    int count = recvmmsg(fd, in, BATCH, MSG_DONTWAIT, NULL);
    if (count < 0) {
        if (errno == EAGAIN) return 0;
        die("recvmmsg");
    }
    int right = 0;
    for (int i = 0; i < count; i++) right += answers(received[i], in[i].msg_len);
    return right;
}

static int ascending(const void *a, const void *b) {
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return x < y ? -1 : x > y;
}

static void latency(int count, int64_t spacing) {
    int64_t *times = calloc(count, sizeof *times);
    int answered = 0;
    for (int i = 0; i < count; i++) {
        while (take() > 0);
        int64_t start = now(), end = start;
        send_requests(1);
        int got = 0;
        while (got == 0 && end - start < TIMEOUT) {
            got = take();
            end = now();
        }
        if (got > 0) times[answered++] = end - start;
        while (now() - start < spacing);
    }
    if (answered == 0) {
        printf("{\"p50\": null, \"p99\": null, \"lost\": %d}\n", count);
        return;
    }
    qsort(times, answered, sizeof *times, ascending);
    printf("{\"p50\": %.2f, \"p99\": %.2f, \"lost\": %d}\n", times[answered / 2] / 1e3, times[answered * 99LL / 100] / 1e3,
           count - answered);
}

static void window(int count, int outstanding) {
    int sent = 0, answered = 0, under_way = 0, lost = 0;
    int64_t start = now(), heard = start;
    while (answered + lost < count) {
        int room = outstanding - under_way;
        if (room > count - sent) room = count - sent;
        if (room > 0) send_requests(room);
        sent += room;
        under_way += room;
        int got = take();
        if (got > 0) {
            answered += got;
            under_way -= got;
            heard = now();
        } else if (now() - heard > TIMEOUT) {
            lost += under_way;
            under_way = 0;
            heard = now();
        }
    }
    printf("{\"perSecond\": %.0f, \"lost\": %d}\n", answered * 1e9 / (heard - start), lost);
}

int main(int argc, char **argv) {
    if (argc != 6 && argc != 7) {
        fprintf(stderr, "usage: %s INTERFACE ADDRESS latency|window COUNT MICROSECONDS|OUTSTANDING [halting]\n", argv[0]);
        return 2;
    }
    ipv6 = strchr(argv[2], ':') != NULL;
    if (inet_pton(ipv6 ? AF_INET6 : AF_INET, argv[2], target) != 1) die("address");
    uint16_t protocol = htons(ipv6 ? ETH_P_IPV6 : ETH_P_ARP);
    fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
    if (fd < 0) die("socket");

    struct ifreq interface = {0};
    strncpy(interface.ifr_name, argv[1], IFNAMSIZ - 1);
    if (ioctl(fd, SIOCGIFHWADDR, &interface) < 0) die(argv[1]);
    if (ipv6) make_solicitation((uint8_t *)interface.ifr_hwaddr.sa_data);
    else make_arp((uint8_t *)interface.ifr_hwaddr.sa_data);

    int one = 1, megabyte = 1 << 20;
    setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &one, sizeof one);
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &megabyte, sizeof megabyte);
    struct sockaddr_ll link = {.sll_family = AF_PACKET, .sll_protocol = protocol, .sll_ifindex = if_nametoindex(argv[1])};
    if (bind(fd, (struct sockaddr *)&link, sizeof link) < 0) die("bind");

    out_vector = (struct iovec){request, request_length};
    for (int i = 0; i < BATCH; i++) {
        in_vectors[i] = (struct iovec){received[i], FRAME};
        out[i].msg_hdr = (struct msghdr){.msg_iov = &out_vector, .msg_iovlen = 1};
        in[i].msg_hdr = (struct msghdr){.msg_iov = &in_vectors[i], .msg_iovlen = 1};
    }
    if (argc == 6 && !keep_awake()) fprintf(stderr, "idle CPUs halt: no /dev/cpu_dma_latency\n");
    stay_on(0);
    int count = atoi(argv[4]), last = atoi(argv[5]);
    if (strcmp(argv[3], "latency") == 0) latency(count, last * 1000LL);
    else window(count, last);
    return 0;
}
