/* A USB camera made of software, for the camera check.
 *
 *   usb_camera BARS.jpg
 *
 * The kernel can take a USB device from the far end of a socket (USB/IP, driver vhci_hcd). This program makes such a
 * socket, keeps the far end, and behaves there like a USB Video Class camera. The kernel's own driver uvcvideo finds
 * it and makes /dev/video0 for pictures and /dev/video1 for metadata, as with most webcams one can buy:
 *
 *   MJPG 1280x720 at 30 and 15   the JPEG file, again and again
 *   YUYV  640x480 at 30 and 15   eight colour bars and a mark that moves
 *
 * Documents: "USB Device Class Definition for Video Devices" 1.0 (UVC), USB 2.0 chapter 9, and the kernel's
 * Documentation/usb/usbip_protocol.rst. Numbers are little-endian in USB and big-endian in USB/IP.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { MJPG = 1, YUYV = 2 };               /* bFormatIndex */
enum { PAYLOAD = 16384, HEADER = 2 };      /* bytes of a bulk transfer, and of the header in it */
enum { LARGEST_FRAME = 1280 * 720 * 2 };
static const uint32_t INTERVALS[2] = {333333, 666666}; /* 30 and 15 a second, in units of 100 ns */

static void fail(const char *what) {
    perror(what);
    exit(1);
}

/* ---- Descriptors: what the camera says about itself ---------------------------------------------------------- */

static uint8_t config[512];
static int config_length;

static void put8(unsigned value) { config[config_length++] = value; }
static void put16(unsigned value) { put8(value & 0xff); put8(value >> 8 & 0xff); }
static void put32(uint32_t value) { put16(value & 0xffff); put16(value >> 16); }
static void put(int count, const uint8_t *bytes) { while (count--) put8(*bytes++); }
#define PUT(...) do { const uint8_t b[] = {__VA_ARGS__}; put(sizeof b, b); } while (0)

static void patch16(int at, unsigned value) { config[at] = value & 0xff; config[at + 1] = value >> 8; }

static const uint8_t device_descriptor[18] = {
    18, 1,              /* bLength, DEVICE */
    0x00, 0x02,         /* USB 2.0 */
    0xef, 2, 1,         /* class: interface association */
    64,                 /* bMaxPacketSize0 */
    0x6b, 0x1d, 0x02, 0x01, /* vendor and product of the Linux Foundation's video gadget */
    0x00, 0x01, 1, 2, 0, 1, /* release, manufacturer, product, no serial number, one configuration */
};

/* One picture size of a format (UVC payload documents, table 3-2). */
static void put_frame(int format, int width, int height) {
    PUT(34, 0x24, format == MJPG ? 7 : 5, 1, 0);
    put16(width);
    put16(height);
    put32(width * height * 16 * 15); /* bits a second, least and most */
    put32(width * height * 16 * 30);
    put32(width * height * 2);       /* largest picture in bytes */
    put32(INTERVALS[0]);             /* the default */
    put8(2);
    put32(INTERVALS[0]);
    put32(INTERVALS[1]);
}

static void build_config(void) {
    PUT(9, 2, 0, 0, 2, 1, 0, 0x80, 50);                  /* configuration with two interfaces */
    PUT(8, 11, 0, 2, 14, 3, 0, 0);                       /* they belong together: video */

    PUT(9, 4, 0, 0, 0, 14, 1, 0, 0);                     /* VideoControl, no endpoint */
    int control = config_length;
    PUT(13, 0x24, 1, 0x00, 0x01, 0, 0);                  /* header: UVC 1.00, total length below */
    put32(48000000);
    PUT(1, 1);                                           /* one streaming interface: number 1 */
    PUT(18, 0x24, 2, 1, 0x01, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0); /* terminal 1: a camera */
    PUT(9, 0x24, 3, 2, 0x01, 0x01, 0, 1, 0);             /* terminal 2: the cable */
    patch16(control + 5, config_length - control);

    PUT(9, 4, 1, 0, 1, 14, 2, 0, 0);                     /* VideoStreaming, one endpoint */
    int streaming = config_length;
    PUT(15, 0x24, 1, 2, 0, 0, 0x81, 0, 2, 0, 0, 0, 1, 0, 0); /* two formats on endpoint 1 */
    PUT(11, 0x24, 6, MJPG, 1, 1, 1, 0, 0, 0, 0);
    put_frame(MJPG, 1280, 720);
    PUT(27, 0x24, 4, YUYV, 1, 'Y', 'U', 'Y', '2', 0, 0, 16, 0, 0x80, 0, 0, 0xaa, 0, 0x38, 0x9b, 0x71,
        16, 1, 0, 0, 0, 0);
    put_frame(YUYV, 640, 480);
    PUT(6, 0x24, 13, 1, 1, 4);                           /* colours: sRGB, BT.601 matrix */
    patch16(streaming + 4, config_length - streaming);

    PUT(7, 5, 0x81, 2, 0x00, 0x02, 0);                   /* endpoint 1: bulk, in, 512 bytes */
    patch16(2, config_length);
}

/* ---- The negotiation of format and rate (UVC table 4-47, "probe and commit") --------------------------------- */

static uint8_t probe[26];

static uint32_t get32(const uint8_t *p) { return p[0] | p[1] << 8 | p[2] << 16 | (uint32_t)p[3] << 24; }
static void set32(uint8_t *p, uint32_t value) {
    for (int i = 0; i < 4; i++) p[i] = value >> 8 * i & 0xff;
}

/* Turns whatever the driver proposes into something that the camera has. */
static void settle(void) {
    if (probe[2] != YUYV) probe[2] = MJPG;
    probe[3] = 1;
    set32(probe + 4, INTERVALS[get32(probe + 4) > 500000]);
    set32(probe + 18, probe[2] == MJPG ? 1280 * 720 * 2 : 640 * 480 * 2);
    set32(probe + 22, PAYLOAD);
}

/* ---- USB/IP: requests from the kernel, answers to it ---------------------------------------------------------- */

static int bus;
static pthread_mutex_t bus_lock = PTHREAD_MUTEX_INITIALIZER;

static void receive(void *into, size_t length) {
    for (uint8_t *p = into; length > 0;) {
        ssize_t count = read(bus, p, length);
        if (count <= 0) exit(0); /* the kernel has unplugged the camera */
        p += count;
        length -= count;
    }
}

static void transmit(const void *from, size_t length) {
    for (const uint8_t *p = from; length > 0;) {
        ssize_t count = write(bus, p, length);
        if (count <= 0) exit(0);
        p += count;
        length -= count;
    }
}

/* USBIP_RET_SUBMIT is 3, USBIP_RET_UNLINK is 4. */
static void answer(uint32_t type, uint32_t sequence, int status, const void *data, int length, int with_data) {
    uint32_t header[12] = {htonl(type), htonl(sequence)};
    header[5] = htonl(status);
    header[6] = htonl(length);
    pthread_mutex_lock(&bus_lock);
    transmit(header, sizeof header);
    if (with_data) transmit(data, length);
    pthread_mutex_unlock(&bus_lock);
}

/* ---- Pictures ------------------------------------------------------------------------------------------------- */

/* Transfers that the driver has ready for picture data, oldest first. */
static struct { uint32_t sequence; int room; } waiting[64];
static int waiting_count;
static pthread_mutex_t waiting_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t waiting_grew = PTHREAD_COND_INITIALIZER;

static void forget(int index) {
    waiting_count--;
    memmove(waiting + index, waiting + index + 1, (waiting_count - index) * sizeof *waiting);
}

static uint8_t jpeg[1 << 20];
static int jpeg_length;

/* Y U Y V of white, yellow, cyan, green, magenta, red, blue, black at full strength. */
static const uint8_t BARS[8][4] = {
    {235, 128, 235, 128}, {210, 16, 210, 146}, {170, 166, 170, 16}, {145, 54, 145, 34},
    {106, 202, 106, 222}, {81, 90, 81, 240},   {41, 240, 41, 110},  {16, 128, 16, 128},
};

static int paint_bars(uint8_t *picture, unsigned number) {
    enum { WIDTH = 640, HEIGHT = 480, ROW = WIDTH * 2, MARK = 32 };
    for (int pair = 0; pair < WIDTH / 2; pair++) memcpy(picture + pair * 4, BARS[pair * 16 / WIDTH], 4);
    for (int y = 1; y < HEIGHT; y++) memcpy(picture + y * ROW, picture, ROW);
    int left = number * 8 % (WIDTH - MARK);
    for (int y = HEIGHT - MARK; y < HEIGHT; y++)
        for (int x = left; x < left + MARK; x++) picture[y * ROW + x * 2] = 235;
    return ROW * HEIGHT;
}

/* Answers one waiting transfer with the next piece of the picture, and returns how long the piece is. The lock is held
 * until the answer is out, because a transfer that the driver has withdrawn must not be answered. */
static int send_piece(const uint8_t *picture, int left, uint8_t frame_id) {
    static uint8_t payload[PAYLOAD];
    pthread_mutex_lock(&waiting_lock);
    while (waiting_count == 0) pthread_cond_wait(&waiting_grew, &waiting_lock);
    int room = waiting[0].room < PAYLOAD ? waiting[0].room : PAYLOAD;
    int piece = left < room - HEADER ? left : room - HEADER;
    payload[0] = HEADER;
    payload[1] = 0x80 | frame_id | (piece == left ? 2 : 0); /* end of header, toggle, end of frame */
    memcpy(payload + HEADER, picture, piece);
    answer(3, waiting[0].sequence, 0, payload, piece + HEADER, 1);
    forget(0);
    pthread_mutex_unlock(&waiting_lock);
    return piece;
}

/* Sleeps until the next picture is due, counted from the last deadline and not from now. */
static void pace(struct timespec *due) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    due->tv_nsec += get32(probe + 4) * 100;
    if (due->tv_nsec >= 1000000000) due->tv_nsec -= 1000000000, due->tv_sec++;
    if (now.tv_sec > due->tv_sec + 1) *due = now; /* nobody was reading: no burst */
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, due, NULL);
}

static void *send_pictures(void *unused) {
    (void)unused;
    static uint8_t picture[LARGEST_FRAME];
    uint8_t frame_id = 0;
    struct timespec due;
    clock_gettime(CLOCK_MONOTONIC, &due);
    for (unsigned number = 0;; number++) {
        pace(&due);
        int length = jpeg_length;
        if (probe[2] == MJPG) memcpy(picture, jpeg, jpeg_length);
        else length = paint_bars(picture, number);
        frame_id ^= 1; /* how the driver tells one picture from the next */
        for (int sent = 0; sent < length;) sent += send_piece(picture + sent, length - sent, frame_id);
    }
    return NULL;
}

/* ---- Requests ------------------------------------------------------------------------------------------------- */

struct setup { uint8_t type, request; uint16_t value, index, length; };

static int string_descriptor(int index, uint8_t *out) {
    const char *text = index == 1 ? "Camera check" : "USB bars";
    out[1] = 3;
    if (index == 0) {
        out[2] = 0x09, out[3] = 0x04; /* English */
        return out[0] = 4;
    }
    int length = 2;
    for (; *text; text++, length += 2) out[length] = *text, out[length + 1] = 0;
    return out[0] = length;
}

/* UVC 4.3.1.1: the requests SET_CUR, GET_CUR, GET_MIN, GET_MAX, GET_RES, GET_LEN, GET_INFO and GET_DEF. */
static int video_request(const struct setup *setup, const uint8_t *data, int length, uint8_t *out) {
    switch (setup->request) {
    case 0x01:
        memcpy(probe, data, length < 26 ? length : 26);
        settle();
        return 0;
    case 0x84: memset(out, 0, 26); return 26;
    case 0x85: out[0] = 26, out[1] = 0; return 2;
    case 0x86: out[0] = 3; return 1;
    case 0x82: case 0x83: case 0x87:
        memcpy(out, probe, 26);
        out[2] = MJPG, out[3] = 1;
        set32(out + 4, INTERVALS[setup->request == 0x83]);
        return 26;
    default: memcpy(out, probe, 26); return 26;
    }
}

/* Returns the length of the answer in `out`, or a negative error. */
static int control_request(const struct setup *setup, const uint8_t *data, int length, uint8_t *out) {
    if (setup->type == 0x80 && setup->request == 6) { /* GET_DESCRIPTOR */
        switch (setup->value >> 8) {
        case 1: memcpy(out, device_descriptor, 18); return 18;
        case 2: memcpy(out, config, config_length); return config_length;
        case 3: return string_descriptor(setup->value & 0xff, out);
        default: return -EPIPE;
        }
    }
    int selector = setup->value >> 8; /* 1 is probe, 2 is commit */
    if ((setup->type & 0x60) == 0x20 && (setup->index & 0xff) == 1 && (selector == 1 || selector == 2))
        return video_request(setup, data, length, out);
    if ((setup->type & 0x60) == 0) { /* status, configuration, interface */
        memset(out, 0, 2);
        return setup->type & 0x80 ? (setup->request == 0 ? 2 : 1) : 0;
    }
    return -EPIPE;
}

static void handle_control(uint32_t sequence, int in, const uint8_t *raw, const uint8_t *data, int length) {
    struct setup setup = {raw[0], raw[1], raw[2] | raw[3] << 8, raw[4] | raw[5] << 8, raw[6] | raw[7] << 8};
    static uint8_t out[sizeof config];
    int result = control_request(&setup, data, length, out);
    if (result < 0) answer(3, sequence, result, NULL, 0, 0);
    else if (!in) answer(3, sequence, 0, NULL, length, 0);
    else answer(3, sequence, 0, out, result < setup.length ? result : setup.length, 1);
}

static void handle_unlink(uint32_t sequence, uint32_t withdrawn) {
    int status = 0;
    pthread_mutex_lock(&waiting_lock);
    for (int i = 0; i < waiting_count; i++)
        if (waiting[i].sequence == withdrawn) {
            forget(i);
            status = -ECONNRESET;
            break;
        }
    answer(4, sequence, status, NULL, 0, 0);
    pthread_mutex_unlock(&waiting_lock);
}

static void handle_requests(void) {
    for (;;) {
        uint32_t header[12];
        receive(header, sizeof header);
        uint32_t command = ntohl(header[0]), sequence = ntohl(header[1]);
        int in = ntohl(header[3]), endpoint = ntohl(header[4]), length = ntohl(header[6]);
        if (command == 2) { /* USBIP_CMD_UNLINK */
            handle_unlink(sequence, ntohl(header[5]));
            continue;
        }
        static uint8_t data[65536];
        if (!in && length > 0) receive(data, length < (int)sizeof data ? length : (int)sizeof data);
        if (endpoint == 0) {
            handle_control(sequence, in, (const uint8_t *)(header + 10), data, length);
            continue;
        }
        pthread_mutex_lock(&waiting_lock);
        if (waiting_count < 64) {
            waiting[waiting_count].sequence = sequence;
            waiting[waiting_count++].room = length;
            pthread_cond_signal(&waiting_grew);
        }
        pthread_mutex_unlock(&waiting_lock);
    }
}

/* ---- Plugging in ---------------------------------------------------------------------------------------------- */

static void plug_in(void) {
    int ends[2], room = 4 << 20;
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends)) fail("socketpair");
    bus = ends[1];
    setsockopt(bus, SOL_SOCKET, SO_SNDBUFFORCE, &room, sizeof room);
    FILE *attach = fopen("/sys/devices/platform/vhci_hcd.0/attach", "w");
    if (!attach) fail("vhci_hcd");
    fprintf(attach, "0 %d 65538 3", ends[0]); /* port, socket, device id, high speed */
    if (fclose(attach)) fail("attach");
    close(ends[0]);
}

int main(int count, char **arguments) {
    if (count != 2) {
        fprintf(stderr, "usage: usb_camera BARS.jpg\n");
        return 2;
    }
    FILE *file = fopen(arguments[1], "rb");
    if (!file) fail(arguments[1]);
    jpeg_length = fread(jpeg, 1, sizeof jpeg, file);
    fclose(file);
    build_config();
    settle();
    plug_in();
    pthread_t thread;
    if (pthread_create(&thread, NULL, send_pictures, NULL)) fail("thread");
    handle_requests();
}
