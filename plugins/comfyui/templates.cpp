#include "comfyui/templates.hpp"

namespace comfyui {

std::string_view textToImage() {
    return R"({
"3": {"class_type": "KSampler", "inputs": {"seed": 0, "steps": 25, "cfg": 7.0,
      "sampler_name": "euler", "scheduler": "normal", "denoise": 1.0, "model": ["4", 0],
      "positive": ["6", 0], "negative": ["7", 0], "latent_image": ["5", 0]}},
"4": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": ""}},
"5": {"class_type": "EmptyLatentImage", "inputs": {"width": 1024, "height": 1024, "batch_size": 1}},
"6": {"class_type": "CLIPTextEncode", "inputs": {"text": "", "clip": ["4", 1]}},
"7": {"class_type": "CLIPTextEncode", "inputs": {"text": "", "clip": ["4", 1]}},
"8": {"class_type": "VAEDecode", "inputs": {"samples": ["3", 0], "vae": ["4", 2]}},
"9": {"class_type": "SaveImage", "inputs": {"filename_prefix": "pipeline", "images": ["8", 0]}}
})";
}

std::string_view imageToImage() {
    return R"({
"3": {"class_type": "KSampler", "inputs": {"seed": 0, "steps": 25, "cfg": 7.0,
      "sampler_name": "euler", "scheduler": "normal", "denoise": 0.75, "model": ["4", 0],
      "positive": ["6", 0], "negative": ["7", 0], "latent_image": ["5", 0]}},
"4": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": ""}},
"5": {"class_type": "VAEEncode", "inputs": {"pixels": ["11", 0], "vae": ["4", 2]}},
"6": {"class_type": "CLIPTextEncode", "inputs": {"text": "", "clip": ["4", 1]}},
"7": {"class_type": "CLIPTextEncode", "inputs": {"text": "", "clip": ["4", 1]}},
"8": {"class_type": "VAEDecode", "inputs": {"samples": ["3", 0], "vae": ["4", 2]}},
"9": {"class_type": "SaveImage", "inputs": {"filename_prefix": "pipeline", "images": ["8", 0]}},
"10": {"class_type": "LoadImage", "inputs": {"image": "example.png"}},
"11": {"class_type": "ImageScale", "inputs": {"image": ["10", 0], "upscale_method": "lanczos",
       "width": 1024, "height": 1024, "crop": "center"}}
})";
}

// The mask goes through the same scaling and cropping as the picture; white is drawn anew.
std::string_view imageToImageWithMask() {
    return R"({
"3": {"class_type": "KSampler", "inputs": {"seed": 0, "steps": 25, "cfg": 7.0,
      "sampler_name": "euler", "scheduler": "normal", "denoise": 0.75, "model": ["4", 0],
      "positive": ["6", 0], "negative": ["7", 0], "latent_image": ["16", 0]}},
"4": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": ""}},
"5": {"class_type": "VAEEncode", "inputs": {"pixels": ["11", 0], "vae": ["4", 2]}},
"6": {"class_type": "CLIPTextEncode", "inputs": {"text": "", "clip": ["4", 1]}},
"7": {"class_type": "CLIPTextEncode", "inputs": {"text": "", "clip": ["4", 1]}},
"8": {"class_type": "VAEDecode", "inputs": {"samples": ["3", 0], "vae": ["4", 2]}},
"9": {"class_type": "SaveImage", "inputs": {"filename_prefix": "pipeline", "images": ["8", 0]}},
"10": {"class_type": "LoadImage", "inputs": {"image": "example.png"}},
"11": {"class_type": "ImageScale", "inputs": {"image": ["10", 0], "upscale_method": "lanczos",
       "width": 1024, "height": 1024, "crop": "center"}},
"12": {"class_type": "LoadImageMask", "inputs": {"image": "example.png", "channel": "red"}},
"13": {"class_type": "MaskToImage", "inputs": {"mask": ["12", 0]}},
"14": {"class_type": "ImageScale", "inputs": {"image": ["13", 0], "upscale_method": "bilinear",
       "width": 1024, "height": 1024, "crop": "center"}},
"15": {"class_type": "ImageToMask", "inputs": {"image": ["14", 0], "channel": "red"}},
"16": {"class_type": "SetLatentNoiseMask", "inputs": {"samples": ["5", 0], "mask": ["15", 0]}}
})";
}

}  // namespace comfyui
