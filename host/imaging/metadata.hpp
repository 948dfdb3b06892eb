// What a picture file tells about itself beside its pixels: camera data (EXIF), and how it was
// generated: by this system, by A1111 and its family (`parameters` text in PNG, UserComment in JPEG
// and WebP), or by ComfyUI (`prompt` and `workflow` JSON in PNG, its variants in WebP).
//
// Any thread. Files are hostile: no length inside them is trusted, chunks are skipped without being
// read, what is kept is bounded (kMaxMetadataText each), time by the number of chunks looked at.
// Malformed metadata is left out, never an error: a picture without any is the normal case.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "support/error.hpp"

namespace host::imaging {

inline constexpr std::size_t kMaxMetadataText = 256 * 1024;

// Bytes that can be read anywhere: a file or memory.
class ByteSource {
  public:
    virtual ~ByteSource() = default;
    virtual std::uint64_t size() const = 0;
    // Fills `to` from `offset`; how many bytes there were (fewer at the end, 0 on an error).
    virtual std::size_t read(std::uint64_t offset, char* to, std::size_t count) = 0;
};

class MemorySource : public ByteSource {
  public:
    explicit MemorySource(std::string_view bytes) : bytes_(bytes) {}
    std::uint64_t size() const override { return bytes_.size(); }
    std::size_t read(std::uint64_t offset, char* to, std::size_t count) override;

  private:
    std::string_view bytes_;
};

// Borrows the descriptor.
class FileSource : public ByteSource {
  public:
    explicit FileSource(int fd);
    std::uint64_t size() const override { return size_; }
    std::size_t read(std::uint64_t offset, char* to, std::size_t count) override;

  private:
    int fd_;
    std::uint64_t size_ = 0;
};

struct Camera {
    std::string make;
    std::string model;
    std::string lens;
    std::string takenAt;  // as in the file: "2024:05:31 18:02:11"
    std::optional<double> focalLengthMm;
    std::optional<double> focalLength35Mm;
    std::optional<double> fNumber;
    std::optional<double> exposureSeconds;
    std::optional<int> iso;
    std::optional<bool> flash;
};

struct Generation {
    std::string source;  // "image_pipeline", "a1111" or "comfyui"
    std::string prompt;
    std::string negativePrompt;
    std::optional<std::int64_t> seed;
    std::optional<int> steps;
    std::optional<double> guidanceScale;
    std::optional<double> strength;
    std::optional<std::uint32_t> width;
    std::optional<std::uint32_t> height;
    std::string sampler;
    std::string model;
    // Only of "image_pipeline": the fields of POST /api/v1/generate that make it again, flat, but
    // for an input picture; and the job that it is a picture of.
    Json request;
    std::string jobId;
};

struct Metadata {
    std::optional<Camera> camera;
    std::optional<Generation> generation;
};

Metadata readMetadata(ByteSource& source);

// {"camera": {...}, "generation": {...}} without what is unknown. Names: make, model, lens,
// taken_at, focal_length_mm, focal_length_35mm, f_number, exposure_seconds, iso, flash; source,
// prompt, negative_prompt, seed, steps, guidance_scale, strength, width, height, sampler, model,
// request. This is what a vision plugin gets as `extra.metadata`.
Json toJson(const Metadata& metadata);

}  // namespace host::imaging
