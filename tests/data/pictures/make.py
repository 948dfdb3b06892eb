#!/usr/bin/env python3
"""Makes the small pictures of this folder: `python3 make.py`. They are kept in the tree; this is how
they came to be. Needs libturbojpeg and libwebp, nothing else.

Upright, each is 48 x 32 and shows four quarters: red, green / blue, yellow. The grey one shows
0x10, 0x50 / 0x90, 0xd0. In those with alpha the red quarter is transparent: white for readers that
put pictures on white. The second frame of the animations is black.
"""
import ctypes
import ctypes.util
import pathlib
import struct
import zlib

WIDTH, HEIGHT = 48, 32
QUARTERS = [(220, 30, 30), (30, 200, 40), (30, 50, 220), (230, 220, 40)]
FOLDER = pathlib.Path(__file__).parent


def quarter(x, y):
    return (2 if y >= HEIGHT // 2 else 0) + (1 if x >= WIDTH // 2 else 0)


def rows(of_quarter):
    return [b"".join(of_quarter(quarter(x, y)) for x in range(WIDTH)) for y in range(HEIGHT)]


def rgb():
    return b"".join(rows(lambda q: bytes(QUARTERS[q])))


def rgba():
    return b"".join(rows(lambda q: bytes(QUARTERS[q]) + (b"\0" if q == 0 else b"\xff")))


def turned_left(pixels, width, height):
    """A camera held on its right side stores this: the viewer has to turn it right again."""
    return b"".join(
        pixels[(y * width + x) * 3 : (y * width + x) * 3 + 3]
        for x in range(width - 1, -1, -1)
        for y in range(height)
    )


def library(name):
    return ctypes.CDLL(ctypes.util.find_library(name))


def jpeg(pixels, width, height, pixel_format=0, flags=0):
    turbo = library("turbojpeg")
    turbo.tjInitCompress.restype = ctypes.c_void_p
    handle = ctypes.c_void_p(turbo.tjInitCompress())
    data = ctypes.POINTER(ctypes.c_ubyte)()
    size = ctypes.c_ulong(0)
    subsampling_444 = 0
    status = turbo.tjCompress2(
        handle, pixels, width, 0, height, pixel_format, ctypes.byref(data), ctypes.byref(size),
        subsampling_444, 90, flags)
    assert status == 0
    return ctypes.string_at(data, size.value)


def exif_orientation(value):
    entry = struct.pack("<HHIHH", 0x0112, 3, 1, value, 0)
    return b"Exif\0\0" + b"II*\0" + struct.pack("<IH", 8, 1) + entry + struct.pack("<I", 0)


def with_segment(jpeg_bytes, marker, data):
    return jpeg_bytes[:2] + struct.pack(">BBH", 0xFF, marker, len(data) + 2) + data + jpeg_bytes[2:]


def chunk(kind, data):
    return (struct.pack(">I", len(data)) + kind + data
            + struct.pack(">I", zlib.crc32(kind + data)))


def png(header, lines, extra=b""):
    body = zlib.compress(b"".join(b"\0" + line for line in lines), 9)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + extra + chunk(b"IDAT", body)
            + chunk(b"IEND", b""))


def interlaced_lines():
    """Palette indices, one byte each, in the seven passes of Adam7."""
    passes = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2),
              (0, 1, 1, 2)]
    for left, top, across, down in passes:
        for y in range(top, HEIGHT, down):
            yield bytes(quarter(x, y) for x in range(left, WIDTH, across))


def gif_frame(indices):
    """Four colours, codes of three bits that never grow: a clear code every other pixel."""
    codes = [4]
    for i, index in enumerate(indices):
        if i % 2 == 0 and i > 0:
            codes.append(4)
        codes.append(index)
    codes.append(5)
    bits = sum(code << (3 * i) for i, code in enumerate(codes))
    data = bits.to_bytes((3 * len(codes) + 7) // 8, "little")
    blocks = b"".join(
        bytes([len(data[i : i + 255])]) + data[i : i + 255] for i in range(0, len(data), 255))
    return (b"\x21\xf9\x04\0\x0a\0\0\0" + b"," + struct.pack("<HHHHB", 0, 0, WIDTH, HEIGHT, 0)
            + b"\x02" + blocks + b"\0")


def gif():
    palette = b"".join(bytes(color) for color in QUARTERS[:3]) + bytes(QUARTERS[3])
    still = [quarter(x, y) for y in range(HEIGHT) for x in range(WIDTH)]
    return (b"GIF89a" + struct.pack("<HHBBB", WIDTH, HEIGHT, 0x81, 0, 0) + palette
            + b"\x21\xff\x0bNETSCAPE2.0\x03\x01\0\0\0" + gif_frame(still)
            + gif_frame([2] * (WIDTH * HEIGHT)) + b";")


def webp(function, pixels, channels, *quality):
    lib = library("webp")
    out = ctypes.POINTER(ctypes.c_ubyte)()
    encode = getattr(lib, function)
    encode.restype = ctypes.c_size_t
    size = encode(pixels, WIDTH, HEIGHT, WIDTH * channels, *quality, ctypes.byref(out))
    assert size > 0
    return ctypes.string_at(out, size)


def riff(kind, data):
    return kind + struct.pack("<I", len(data)) + data + b"\0" * (len(data) & 1)


def size24(value):
    return struct.pack("<I", value)[:3]


def animated_webp(frames):
    extended = bytes([0x02, 0, 0, 0]) + size24(WIDTH - 1) + size24(HEIGHT - 1)
    body = riff(b"VP8X", extended) + riff(b"ANIM", struct.pack("<IH", 0xFFFFFFFF, 0))
    for frame in frames:
        place = size24(0) + size24(0) + size24(WIDTH - 1) + size24(HEIGHT - 1) + size24(100)
        body += riff(b"ANMF", place + b"\0" + frame[12:])
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body


def main():
    progressive, cmyk = 16384, 11
    quality = ctypes.c_float(90)
    plain = jpeg(rgb(), WIDTH, HEIGHT)
    turned = jpeg(turned_left(rgb(), WIDTH, HEIGHT), HEIGHT, WIDTH)
    ink = b"".join(rows(lambda q: bytes(QUARTERS[q]) + b"\xff"))  # Adobe's: 255 is no ink
    lossless = webp("WebPEncodeLosslessRGB", rgb(), 3)
    files = {
        "plain.jpg": plain,
        "progressive.jpg": jpeg(rgb(), WIDTH, HEIGHT, flags=progressive),
        "cmyk.jpg": jpeg(ink, WIDTH, HEIGHT, cmyk),
        "orientation6.jpg": with_segment(turned, 0xE1, exif_orientation(6)),
        "grey16.png": png(
            struct.pack(">IIBBBBB", WIDTH, HEIGHT, 16, 0, 0, 0, 0),
            rows(lambda q: bytes([0x10 + 0x40 * q, 0x7F]))),
        "palette_interlaced.png": png(
            struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 3, 0, 0, 1), interlaced_lines(),
            chunk(b"PLTE", b"".join(bytes(color) for color in QUARTERS))
            + chunk(b"tRNS", b"\0\xff\xff\xff")),
        "alpha.png": png(
            struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 6, 0, 0, 0),
            rows(lambda q: bytes(QUARTERS[q]) + (b"\0" if q == 0 else b"\xff"))),
        "animated.gif": gif(),
        "lossy.webp": webp("WebPEncodeRGB", rgb(), 3, quality),
        "lossless.webp": lossless,
        "alpha.webp": webp("WebPEncodeRGBA", rgba(), 4, quality),
        "animated.webp": animated_webp(
            [lossless, webp("WebPEncodeLosslessRGB", bytes(WIDTH * HEIGHT * 3), 3)]),
    }
    for name, data in files.items():
        (FOLDER / name).write_bytes(data)


if __name__ == "__main__":
    main()
