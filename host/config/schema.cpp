#include "config/schema.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

#include "config/fault.hpp"
#include "support/text.hpp"

namespace host::config {

namespace {

constexpr std::size_t kMaxSchemaDepth = 32;  // as deep as values are looked into
constexpr std::array<std::string_view, 7> kTypes = {"object", "array",   "string", "integer",
                                                    "number", "boolean", "null"};

// The value of a keyword when it has the wanted type, else nullptr.
const Json* keyword(const Json& schema, const char* name, bool (Json::*isType)() const noexcept) {
    if (!schema.is_object()) return nullptr;
    const auto at = schema.find(name);
    return at != schema.end() && ((*at).*isType)() ? &*at : nullptr;
}

const Json* object(const Json& schema, const char* name) {
    return keyword(schema, name, &Json::is_object);
}
const Json* array(const Json& schema, const char* name) {
    return keyword(schema, name, &Json::is_array);
}
const Json* number(const Json& schema, const char* name) {
    return keyword(schema, name, &Json::is_number);
}

std::string dump(const Json& value) {
    return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

bool isSecret(std::string_view pointer) {
    const std::string name = toLower(pointer);
    for (const std::string_view word : {"key", "token", "secret", "password"}) {
        if (name.find(word) != std::string::npos) return true;
    }
    return false;
}

std::string found(const Json& value, std::string_view pointer) {
    if (value.is_object()) return "found an object";
    if (value.is_array()) return "found a list of " + std::to_string(value.size());
    if (value.is_null()) return "found null";
    if (value.is_string()) {
        const auto& text = value.get_ref<const std::string&>();
        if (!isSecret(pointer)) return "found " + shown(text);
        return "found a text of " + std::to_string(utf8Length(text)) + " characters";
    }
    return "found " + dump(value);
}

// "1-65535", "at least 1", "at most 64"; empty without bounds.
std::string range(const Json* low, const Json* high) {
    if (low && high) {
        const bool signs = low->get<double>() < 0 || high->get<double>() < 0;
        return dump(*low) + (signs ? " to " : "-") + dump(*high);
    }
    if (low) return "at least " + dump(*low);
    if (high) return "at most " + dump(*high);
    return "";
}

// "a text of at most 64 characters".
std::string sized(const std::string& noun, const Json* low, const Json* high,
                  const std::string& unit) {
    const std::string size = range(low, high);
    return size.empty() ? noun : noun + " of " + size + ' ' + unit;
}

std::string expectedType(const Json& schema, std::string_view type) {
    if (type == "object") return "an object";
    if (type == "array") {
        return sized("a list", number(schema, "minItems"), number(schema, "maxItems"), "items");
    }
    if (type == "boolean") return "true or false";
    if (type == "null") return "null";
    if (type == "string") {
        const Json* low = number(schema, "minLength");
        const Json* high = number(schema, "maxLength");
        if (low && !high && *low == 1) return "a text that is not empty";
        return sized("a text", low, high, "characters");
    }
    const std::string noun = type == "integer" ? "an integer" : "a number";
    const Json* low = number(schema, "minimum");
    const Json* high = number(schema, "maximum");
    const std::string bounds = range(low, high);
    return bounds.empty() ? noun : noun + (low && high ? " " : " of ") + bounds;
}

std::vector<std::string> typesOf(const Json& schema) {
    std::vector<std::string> types;
    const Json* type = schema.is_object() && schema.contains("type") ? &schema["type"] : nullptr;
    if (!type) return types;
    if (type->is_string()) types.push_back(type->get<std::string>());
    if (type->is_array()) {
        for (const Json& one : *type) {
            if (one.is_string()) types.push_back(one.get<std::string>());
        }
    }
    return types;
}

std::string join(const std::vector<std::string>& words) {
    std::string text;
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (i > 0) text += i + 1 == words.size() ? " or " : ", ";
        text += words[i];
    }
    return text;
}

std::string expected(const Json& schema) {
    std::vector<std::string> words;
    if (const Json* choices = array(schema, "enum")) {
        for (const Json& choice : *choices)
            words.push_back(dump(choice));
    } else {
        for (const std::string& type : typesOf(schema))
            words.push_back(expectedType(schema, type));
    }
    return words.empty() ? "another value" : join(words);
}

bool hasType(const Json& value, std::string_view type) {
    if (type == "object") return value.is_object();
    if (type == "array") return value.is_array();
    if (type == "string") return value.is_string();
    if (type == "integer") return value.is_number_integer();
    if (type == "number") return value.is_number();
    if (type == "boolean") return value.is_boolean();
    return type == "null" && value.is_null();
}

// Exact for every 64-bit integer, unlike double.
long double exact(const Json& value) {
    if (value.is_number_unsigned()) return static_cast<long double>(value.get<std::uint64_t>());
    if (value.is_number_integer()) return static_cast<long double>(value.get<std::int64_t>());
    return static_cast<long double>(value.get<double>());
}

bool within(long double value, const Json* low, const Json* high) {
    return (!low || value >= exact(*low)) && (!high || value <= exact(*high));
}

// Type, choice and range of the value itself, not of what it holds.
bool fits(const Json& schema, const Json& value) {
    const std::vector<std::string> types = typesOf(schema);
    const auto matches = [&value](const std::string& type) { return hasType(value, type); };
    if (!types.empty() && std::none_of(types.begin(), types.end(), matches)) return false;
    if (const Json* choices = array(schema, "enum")) {
        return std::find(choices->begin(), choices->end(), value) != choices->end();
    }
    if (value.is_number()) {
        return within(exact(value), number(schema, "minimum"), number(schema, "maximum"));
    }
    if (value.is_string()) {
        return within(static_cast<long double>(utf8Length(value.get_ref<const std::string&>())),
                      number(schema, "minLength"), number(schema, "maxLength"));
    }
    if (value.is_array()) {
        return within(static_cast<long double>(value.size()), number(schema, "minItems"),
                      number(schema, "maxItems"));
    }
    return true;
}

class Validator {
  public:
    std::vector<SettingsFault> faults;

    void check(const Json& schema, const Json& value, const std::string& pointer,
               std::size_t depth) {
        if (!schema.is_object() || depth > kMaxSchemaDepth) return;
        if (!fits(schema, value)) {
            add(pointer, found(value, pointer) + ", expected " + expected(schema));
            return;
        }
        if (value.is_object()) checkMembers(schema, value, pointer, depth);
        if (const Json* items = object(schema, "items"); items && value.is_array()) {
            for (std::size_t i = 0; i < value.size(); ++i) {
                check(*items, value[i], pointer + '/' + std::to_string(i), depth + 1);
            }
        }
    }

  private:
    void add(const std::string& pointer, std::string message, bool warning = false) {
        faults.push_back({pointer, std::move(message), warning});
    }

    void checkMembers(const Json& schema, const Json& value, const std::string& pointer,
                      std::size_t depth) {
        const Json* members = object(schema, "properties");
        const Json* additional = keyword(schema, "additionalProperties", &Json::is_boolean);
        const bool open = additional && additional->get<bool>();
        const bool closed = additional && !additional->get<bool>();
        for (const auto& [key, member] : value.items()) {
            if (members && members->contains(key)) {
                check((*members)[key], member, pointer + pointerPart(key), depth + 1);
            } else if (closed || (members && !open)) {
                unknownKey(members, pointer, key, closed);
            }
        }
        const Json* required = array(schema, "required");
        if (!required) return;
        for (const Json& name : *required) {
            if (!name.is_string() || value.contains(name.get<std::string>())) continue;
            const auto key = name.get<std::string>();
            const bool described = members && members->contains(key);
            add(pointer, "found no " + shown(key) +
                             (described ? ", expected " + expected((*members)[key]) : ""));
        }
    }

    void unknownKey(const Json* members, const std::string& pointer, const std::string& key,
                    bool closed) {
        std::vector<std::string_view> known;
        std::vector<std::string> names;
        if (members) {
            for (auto it = members->begin(); it != members->end(); ++it) {
                known.push_back(it.key());
                names.push_back(shown(it.key()));
            }
        }
        const std::string_view near = nearestName(key, known);
        std::string message = "found the unknown key " + shown(key);
        if (!near.empty()) {
            message += ", did you mean " + shown(near) + "?";
        } else if (closed) {
            message += names.empty() ? ", expected none" : ", expected " + join(names);
        } else {
            message += ", which is ignored";
        }
        add(pointer + pointerPart(key), std::move(message), near.empty() && !closed);
    }
};

void fillDefaults(const Json& schema, Json& value, std::size_t depth) {
    if (depth > kMaxSchemaDepth) return;
    if (const Json* items = object(schema, "items"); items && value.is_array()) {
        for (Json& item : value)
            fillDefaults(*items, item, depth + 1);
    }
    const Json* members = object(schema, "properties");
    if (!members || !value.is_object()) return;
    for (const auto& [key, member] : members->items()) {
        if (!value.contains(key)) {
            if (!member.is_object() || !member.contains("default")) continue;
            value[key] = member["default"];
        }
        fillDefaults(member, value[key], depth + 1);
    }
}

std::optional<std::string> faultOf(const Json& schema, const std::string& pointer,
                                   std::size_t depth) {
    const auto at = [&pointer](const std::string& text) {
        return (pointer.empty() ? "the schema" : pointer) + ": " + text;
    };
    if (depth > kMaxSchemaDepth) return at("found a schema nested too deep");
    if (!schema.is_object()) return at(found(schema, "") + ", expected an object");
    const auto wrong = [&schema](const char* name, bool (Json::*isType)() const noexcept) {
        return schema.contains(name) && !(schema[name].*isType)();
    };
    if (wrong("properties", &Json::is_object)) return at("\"properties\" is no object");
    if (wrong("items", &Json::is_object)) return at("\"items\" is no object");
    if (wrong("required", &Json::is_array)) return at("\"required\" is no list");
    if (wrong("enum", &Json::is_array)) return at("\"enum\" is no list");
    for (const char* name :
         {"minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems"}) {
        if (wrong(name, &Json::is_number)) return at(shown(name) + " is no number");
    }
    if (schema.contains("type")) {
        const Json& type = schema["type"];
        for (const Json& one : type.is_array() ? type : Json::array({type})) {
            const bool known = one.is_string() && std::find(kTypes.begin(), kTypes.end(),
                                                            one.get<std::string>()) != kTypes.end();
            if (!known) return at(found(one, "") + " as \"type\", expected the name of a type");
        }
    }
    if (const Json* members = object(schema, "properties")) {
        for (const auto& [key, member] : members->items()) {
            auto fault = faultOf(member, pointer + "/properties" + pointerPart(key), depth + 1);
            if (fault) return fault;
        }
    }
    const Json* items = object(schema, "items");
    return items ? faultOf(*items, pointer + "/items", depth + 1) : std::nullopt;
}

}  // namespace

std::vector<SettingsFault> validateSettings(const Json& schema, const Json& value,
                                            const std::string& pointerPrefix) {
    Validator validator;
    validator.check(schema, value, pointerPrefix, 0);
    return std::move(validator.faults);
}

Json withDefaults(const Json& schema, Json value) {
    fillDefaults(schema, value, 0);
    return value;
}

std::optional<std::string> schemaFault(const Json& schema) {
    return faultOf(schema, "", 0);
}

std::string pointerPart(std::string_view key) {
    std::string part = "/";
    for (const char c : key) {
        if (c == '~') {
            part += "~0";
        } else if (c == '/') {
            part += "~1";
        } else {
            part += c;
        }
    }
    return part;
}

std::string_view nearestName(std::string_view name, const std::vector<std::string_view>& known) {
    const std::string lower = toLower(name);
    std::string_view best;
    std::size_t bestDistance = 3;
    for (const std::string_view candidate : known) {
        const std::size_t size = std::min(candidate.size(), name.size());
        // Two letters can be turned into any other two: only the case may differ there.
        const std::size_t limit = size <= 2 ? 0 : size <= 5 ? 1 : 2;
        const std::size_t distance = editDistance(lower, toLower(candidate), limit);
        if (distance <= limit && distance < bestDistance) {
            best = candidate;
            bestDistance = distance;
        }
    }
    return best;
}

}  // namespace host::config
