// Form bodies as browsers, curl and hostile clients send them.
#include <gtest/gtest.h>

#include "http/forms.hpp"

namespace {

using host::http::Multipart;
using host::http::parseUrlEncoded;

constexpr char kType[] = "multipart/form-data; boundary=XX";

std::string part(const std::string& headers, const std::string& data) {
    return "--XX\r\n" + headers + "\r\n\r\n" + data + "\r\n";
}
std::string field(const std::string& name, const std::string& data) {
    return part("Content-Disposition: form-data; name=\"" + name + "\"", data);
}

TEST(MultipartForms, FieldsAndFilesComeInOrderWithTheirBytes) {
    const std::string picture("\x89PNG\r\n--X\r\n--XY\r\n\0\xff", 17);
    const std::string body =
        field("prompt", "a caf\xC3\xA9") + field("endpoints", "A") + field("endpoints", "B") +
        part(
            "Content-Disposition: form-data; name=image; filename=\"a \\\"b\\\".png\"\r\n"
            "Content-Type: image/png",
            picture) +
        field("empty", "") + "--XX--\r\n";
    const auto form = Multipart::parse(kType, body);
    ASSERT_TRUE(form.ok()) << form.error().message;
    ASSERT_EQ(form->parts().size(), 5u);
    EXPECT_EQ(form->find("prompt")->data, "a caf\xC3\xA9");
    EXPECT_FALSE(form->find("prompt")->isFile);
    const auto endpoints = form->all("endpoints");
    ASSERT_EQ(endpoints.size(), 2u);
    EXPECT_EQ(endpoints[1]->data, "B");
    const auto* image = form->find("image");
    EXPECT_TRUE(image->isFile);
    EXPECT_EQ(image->fileName, "a \"b\".png");
    EXPECT_EQ(image->contentType, "image/png");
    EXPECT_EQ(image->data, picture);
    EXPECT_EQ(form->find("empty")->data, "");
    EXPECT_EQ(form->find("missing"), nullptr);
}

TEST(MultipartForms, SpellingsThatOccurAreUnderstood) {
    const std::string body =
        "preamble\r\n--b d\r\ncontent-disposition:form-data;filename=C:\\dir\\x.png"
        ";name=\"f\"\r\n\r\n1\r\n--b d \t\r\nContent-Disposition: form-data; "
        "name=\"g\"; filename*=UTF-8''%C3%A9.png\r\n\r\n2\r\n--b d--epilogue";
    const auto form =
        Multipart::parse("Multipart/Form-Data; charset=utf-8; Boundary=\"b d\"", body);
    ASSERT_TRUE(form.ok()) << form.error().message;
    EXPECT_EQ(form->find("f")->fileName, "C:\\dir\\x.png");
    EXPECT_EQ(form->find("f")->data, "1");
    EXPECT_EQ(form->find("g")->fileName, "\xC3\xA9.png");
    const auto nothing = Multipart::parse(kType, "--XX--");
    ASSERT_TRUE(nothing.ok());
    EXPECT_TRUE(nothing->parts().empty());
}

TEST(MultipartForms, BrokenOnesAreRefused) {
    const std::string good = field("a", "1") + "--XX--\r\n";
    ASSERT_TRUE(Multipart::parse(kType, good).ok());
    for (std::size_t size = 0; size < good.size() - 3; ++size) {
        EXPECT_FALSE(Multipart::parse(kType, good.substr(0, size)).ok()) << size;
    }
    for (const std::string type :
         {"multipart/form-data", "multipart/form-data; boundary=",
          "multipart/form-data; boundary=\"XX", "multipart/form-data;boundary"}) {
        EXPECT_FALSE(Multipart::parse(type, good).ok()) << type;
    }
    EXPECT_FALSE(Multipart::parse("m/f; boundary=" + std::string(71, 'x'), good).ok());
    EXPECT_FALSE(Multipart::parse("m/f; boundary=YY", good).ok());
    EXPECT_FALSE(Multipart::parse(kType, "--XX\r\n\r\ndata\r\n--XX--").ok()) << "no header";
    EXPECT_FALSE(Multipart::parse(kType, part("Content-Type: a/b", "1") + "--XX--").ok());
    EXPECT_FALSE(
        Multipart::parse(kType, part("Content-Disposition: form-data", "1") + "--XX--").ok());
    EXPECT_FALSE(Multipart::parse(kType, field("\xff", "1") + "--XX--").ok());
    EXPECT_FALSE(
        Multipart::parse(kType, part("X: " + std::string(20000, 'x'), "1") + "--XX--").ok());
}

TEST(MultipartForms, PartsAreCounted) {
    std::string body;
    for (int i = 0; i < 100; ++i)
        body += field("a", "1");
    EXPECT_TRUE(Multipart::parse(kType, body + "--XX--").ok());
    EXPECT_FALSE(Multipart::parse(kType, body + field("a", "1") + "--XX--").ok());
}

TEST(UrlEncodedForms, AreDecodedOrRefused) {
    const auto form = parseUrlEncoded("a=1&b=x+y%26&a=2&c&&=d");
    ASSERT_TRUE(form.ok());
    EXPECT_EQ(form->get("b"), "x y&");
    EXPECT_EQ(form->all("a").size(), 2u);
    EXPECT_TRUE(form->has("c"));
    EXPECT_FALSE(parseUrlEncoded("a=%4").ok());
    EXPECT_FALSE(parseUrlEncoded("a=%ff").ok());
    std::string many;
    for (int i = 0; i < 1001; ++i)
        many += "a=1&";
    EXPECT_FALSE(parseUrlEncoded(many).ok());
}

}  // namespace
