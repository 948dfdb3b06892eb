#include "imaging/xmp.hpp"

#include <charconv>

#include "imaging/metadata_text.hpp"

namespace host::imaging {

namespace {

constexpr std::string_view kProperty = ":generation";

std::string escaped(std::string_view text) {
    std::string out;
    for (const char c : text) {
        switch (c) {
            case '&':
                out += "&amp;";
                break;
            case '<':
                out += "&lt;";
                break;
            case '>':
                out += "&gt;";
                break;
            default:
                out += c;
        }
    }
    return out;
}

// What an entity stands for as one byte; 0 when it is none that we or other writers need for JSON.
char meaningOf(std::string_view name) {
    if (name == "amp") return '&';
    if (name == "lt") return '<';
    if (name == "gt") return '>';
    if (name == "quot") return '"';
    if (name == "apos") return '\'';
    if (!name.starts_with('#')) return 0;
    name.remove_prefix(1);
    int base = 10;
    if (name.starts_with('x')) {
        name.remove_prefix(1);
        base = 16;
    }
    int code = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), code, base);
    const bool whole = error == std::errc() && end == name.data() + name.size();
    return whole && code > 0 && code < 128 ? static_cast<char>(code) : '\0';
}

std::string unescaped(std::string_view text) {
    constexpr std::size_t kLongest = 10;
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '&') {
            const std::size_t end = text.substr(i, kLongest).find(';');
            const char meaning =
                end == std::string_view::npos ? '\0' : meaningOf(text.substr(i + 1, end - 1));
            if (meaning != 0) {
                out += meaning;
                i += end;
                continue;
            }
        }
        out += text[i];
    }
    return out;
}

// The prefix that the packet gives our namespace.
std::string_view prefixIn(std::string_view packet) {
    constexpr std::string_view kDeclares = "xmlns:";
    const std::size_t name = packet.find(kOurNamespace);
    if (name == std::string_view::npos || name < 2) return {};
    const std::size_t equals = packet.find_last_of('=', name);
    if (equals == std::string_view::npos || name - equals > 4) return {};
    const std::size_t declares = packet.rfind(kDeclares, equals);
    if (declares == std::string_view::npos) return {};
    const std::size_t begin = declares + kDeclares.size();
    const std::string_view prefix = packet.substr(begin, equals - begin);
    return prefix.size() <= 32 ? prefix : std::string_view{};
}

}  // namespace

std::string xmpWithOwn(std::string_view json) {
    std::string packet =
        "<?xpacket begin=\"\xef\xbb\xbf\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\n"
        "<x:xmpmeta xmlns:x=\"adobe:ns:meta/\">\n"
        " <rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">\n"
        "  <rdf:Description rdf:about=\"\" xmlns:ipl=\"";
    packet += kOurNamespace;
    packet += "\">\n   <ipl:generation>" + escaped(json) + "</ipl:generation>\n";
    packet += "  </rdf:Description>\n </rdf:RDF>\n</x:xmpmeta>\n<?xpacket end=\"r\"?>";
    return packet;
}

std::string ownFromXmp(std::string_view packet) {
    const std::string_view prefix = prefixIn(packet);
    if (prefix.empty()) return {};
    const std::string property = std::string(prefix) + std::string(kProperty);
    std::size_t at = packet.find(property);
    if (at == std::string_view::npos) return {};
    at += property.size();
    if (at < packet.size() && packet[at] == '>') {
        const std::size_t end = packet.find('<', at);
        if (end == std::string_view::npos) return {};
        return cleanText(unescaped(packet.substr(at + 1, end - at - 1)));
    }
    const std::size_t open = packet.find_first_not_of(" =\r\n\t", at);
    if (open == std::string_view::npos || (packet[open] != '"' && packet[open] != '\'')) return {};
    const std::size_t close = packet.find(packet[open], open + 1);
    if (close == std::string_view::npos) return {};
    return cleanText(unescaped(packet.substr(open + 1, close - open - 1)));
}

}  // namespace host::imaging
