// What the words of a prompt mean: English, and the commonest of German, French and Spanish.
#include <algorithm>
#include <iterator>

#include "words.hpp"

namespace sketch {
namespace {

template <class E>
constexpr int n(E value) {
    return static_cast<int>(value);
}
constexpr Meaning place(std::string_view word, Place where, float weight = 2) {
    return {word, Sense::place, n(where), where, weight};
}
constexpr Meaning kind(std::string_view word, Kind what, Place hint = Place::abstract,
                       float weight = 0) {
    return {word, Sense::kind, n(what), hint, weight};
}
constexpr Meaning when(std::string_view word, Time time) {
    return {word, Sense::time, n(time)};
}
constexpr Meaning just(std::string_view word, Sense sense, int value = 100,
                       Place hint = Place::abstract, float weight = 0) {
    return {word, sense, value, hint, weight};
}

// clang-format off
const Meaning kWords[] = {
    place("sea", Place::sea), place("ocean", Place::sea), place("wave", Place::sea, 1.5F), place("coast", Place::sea),
    place("meer", Place::sea), place("mer", Place::sea), place("mar", Place::sea), place("sailing", Place::sea, 1),
    place("cliff", Place::sea, 1), place("seascape", Place::sea, 3), place("shore", Place::beach, 1.5F),
    place("harbour", Place::harbour, 3), place("harbor", Place::harbour, 3), place("port", Place::harbour),
    place("marina", Place::harbour), place("pier", Place::harbour), place("dock", Place::harbour), place("hafen", Place::harbour),
    place("quay", Place::harbour), place("wharf", Place::harbour),
    place("beach", Place::beach, 3), place("seaside", Place::beach), place("tropical", Place::beach, 1), place("island", Place::beach),
    place("strand", Place::beach), place("lagoon", Place::beach),
    place("lake", Place::lake, 3), place("pond", Place::lake), place("river", Place::lake),
    place("fjord", Place::lake), place("lakeside", Place::lake), place("canal", Place::lake, 1.5F),
    place("desert", Place::desert, 3), place("dune", Place::desert), place("sahara", Place::desert), place("wüste", Place::desert, 3),
    place("canyon", Place::desert), place("oasis", Place::desert), place("mars", Place::desert, 1.5F), place("mesa", Place::desert),
    place("savanna", Place::desert, 1.5F), place("désert", Place::desert, 3), place("desierto", Place::desert, 3),
    place("forest", Place::forest, 3), place("wood", Place::forest, 1), place("woods", Place::forest), place("jungle", Place::forest),
    place("woodland", Place::forest), place("wald", Place::forest, 3), place("forêt", Place::forest, 3), place("bosque", Place::forest, 3),
    place("grove", Place::forest), place("rainforest", Place::forest, 3), place("taiga", Place::forest),
    place("city", Place::city, 3), place("street", Place::city, 1.5F), place("urban", Place::city), place("downtown", Place::city),
    place("skyline", Place::city), place("skyscraper", Place::city), place("metropolis", Place::city, 3), place("stadt", Place::city, 3),
    place("cyberpunk", Place::city), place("neon", Place::city, 1.2F), place("alley", Place::city), place("tokyo", Place::city),
    place("york", Place::city, 1), place("paris", Place::city, 1), place("london", Place::city, 1), place("town", Place::village, 1.5F),
    place("ville", Place::city), place("ciudad", Place::city, 3), place("traffic", Place::city, 1), place("rooftop", Place::city, 1),
    place("mountain", Place::mountains, 2.6F), place("alps", Place::mountains), place("peak", Place::mountains), place("summit", Place::mountains),
    place("volcano", Place::mountains), place("berg", Place::mountains), place("valley", Place::mountains, 1.5F), place("himalaya", Place::mountains),
    place("glacier", Place::mountains), place("montagne", Place::mountains), place("montaña", Place::mountains), place("berge", Place::mountains),
    place("highland", Place::mountains), place("arctic", Place::mountains, 1.5F),
    place("meadow", Place::meadow, 3), place("field", Place::meadow, 1.6F), place("garden", Place::meadow, 1.8F), place("prairie", Place::meadow),
    place("countryside", Place::meadow), place("hill", Place::meadow, 1.2F), place("grass", Place::meadow, 1), place("park", Place::meadow),
    place("wiese", Place::meadow, 3), place("pasture", Place::meadow), place("farm", Place::village), place("wildflower", Place::meadow, 2),
    place("village", Place::village, 2.5F), place("hamlet", Place::village), place("dorf", Place::village), place("cottagecore", Place::village),
    place("room", Place::room, 2.4F), place("interior", Place::room, 2.4F), place("window", Place::room, 1.4F), place("indoor", Place::room),
    place("bedroom", Place::room, 3), place("kitchen", Place::room, 2.5F), place("library", Place::room, 2.5F), place("studio", Place::room, 1),
    place("armchair", Place::room, 2), place("sofa", Place::room, 2), place("café", Place::room), place("cafe", Place::room), place("attic", Place::room),
    place("zimmer", Place::room), place("desk", Place::room, 1.5F), place("fireplace", Place::room, 2), place("office", Place::room),
    place("space", Place::space, 1.6F), place("outer_space", Place::space, 3), place("galaxy", Place::space, 3), place("nebula", Place::space, 3),
    place("cosmos", Place::space, 3), place("universe", Place::space), place("asteroid", Place::space), place("orbit", Place::space),
    place("cosmic", Place::space), place("saturn", Place::space, 2), place("jupiter", Place::space, 2), place("weltraum", Place::space, 3),
    place("astronaut", Place::space, 1.2F), place("star", Place::space, 0.4F), place("solar", Place::space, 0.5F),
    place("underwater", Place::underwater, 4), place("reef", Place::underwater, 3), place("coral_reef", Place::underwater, 3),
    place("seabed", Place::underwater, 3), place("aquarium", Place::underwater), place("undersea", Place::underwater, 3), place("kelp", Place::underwater),
    place("jellyfish", Place::underwater, 2), place("diver", Place::underwater, 2), place("mermaid", Place::underwater, 2),
    place("still_life", Place::table, 4), place("table", Place::table, 1.5F), place("bowl", Place::table, 1.5F), place("basket", Place::table, 1),
    place("stillleben", Place::table, 3), place("vase", Place::table, 1.6F), place("bouquet", Place::table, 1.4F),
    place("portrait", Place::portrait, 3.2F), place("headshot", Place::portrait, 3), place("face", Place::portrait, 1.5F), place("selfie", Place::portrait, 2),
    place("porträt", Place::portrait, 3), place("bust", Place::portrait, 1.5F), place("retrato", Place::portrait, 3),
    place("abstract", Place::abstract, 4), place("geometric", Place::abstract, 2), place("fractal", Place::abstract, 3), place("abstrakt", Place::abstract, 3),
    place("swirl", Place::abstract, 1), place("pattern", Place::abstract, 1),

    kind("person", Kind::person), kind("man", Kind::person), kind("woman", Kind::person), kind("girl", Kind::person), kind("boy", Kind::person),
    kind("child", Kind::person), kind("lady", Kind::person), kind("figure", Kind::person), kind("traveller", Kind::person), kind("traveler", Kind::person),
    kind("wanderer", Kind::person), kind("fisherman", Kind::person, Place::harbour, 0.8F), kind("monk", Kind::person), kind("knight", Kind::person),
    kind("king", Kind::person), kind("queen", Kind::person), kind("dancer", Kind::person), kind("hiker", Kind::person, Place::mountains, 0.5F),
    kind("couple", Kind::person), kind("samurai", Kind::person), kind("wizard", Kind::person), kind("witch", Kind::person), kind("sailor", Kind::person, Place::harbour, 0.5F),
    kind("frau", Kind::person), kind("mann", Kind::person), kind("femme", Kind::person), kind("mujer", Kind::person), kind("hombre", Kind::person), kind("musician", Kind::person), kind("nomad", Kind::person), kind("children", Kind::person),
    kind("people", Kind::person), kind("men", Kind::person), kind("women", Kind::person), kind("pedestrian", Kind::person, Place::city, 0.5F),
    kind("boat", Kind::boat, Place::sea, 1), kind("sailboat", Kind::boat, Place::sea, 1), kind("yacht", Kind::boat, Place::sea, 1), kind("sail", Kind::boat, Place::sea, 1),
    kind("canoe", Kind::boat, Place::lake, 1.5F), kind("rowboat", Kind::boat, Place::lake, 1), kind("ship", Kind::ship, Place::sea, 1),
    kind("galleon", Kind::ship, Place::sea, 1), kind("schiff", Kind::ship, Place::sea, 1), kind("bateau", Kind::boat, Place::sea, 1), kind("barco", Kind::boat, Place::sea, 1), kind("vessel", Kind::ship, Place::sea, 1),
    kind("house", Kind::house, Place::village, 0.7F), kind("cabin", Kind::house, Place::forest, 0.7F), kind("cottage", Kind::house, Place::village, 0.8F), kind("hut", Kind::house, Place::village, 0.6F),
    kind("haus", Kind::house, Place::village, 0.7F), kind("maison", Kind::house, Place::village, 0.7F), kind("casa", Kind::house, Place::village, 0.7F), kind("barn", Kind::house, Place::village, 1), kind("church", Kind::tower, Place::village, 1), kind("chapel", Kind::tower, Place::village, 1),
    kind("temple", Kind::castle, Place::mountains, 0.6F), kind("tower", Kind::tower), kind("windmill", Kind::tower, Place::meadow, 1), kind("mosque", Kind::tower, Place::city, 0.6F),
    kind("castle", Kind::castle, Place::mountains, 0.8F), kind("fortress", Kind::castle, Place::mountains, 0.8F), kind("palace", Kind::castle), kind("schloss", Kind::castle, Place::mountains, 0.8F), kind("château", Kind::castle, Place::mountains, 0.8F),
    kind("tree", Kind::tree, Place::meadow, 0.6F), kind("oak", Kind::tree, Place::meadow, 0.6F), kind("birch", Kind::tree, Place::forest, 0.8F), kind("willow", Kind::tree, Place::lake, 0.6F), kind("baum", Kind::tree, Place::meadow, 0.6F), kind("arbre", Kind::tree, Place::meadow, 0.6F),
    kind("cherry_blossom", Kind::tree, Place::meadow, 1), kind("blossom", Kind::tree, Place::meadow, 0.6F), kind("maple", Kind::tree, Place::forest, 0.8F), kind("pine", Kind::pine, Place::forest, 1), kind("fir", Kind::pine, Place::forest, 1), kind("spruce", Kind::pine, Place::forest, 1),
    kind("palm", Kind::palm, Place::beach, 1), kind("cactus", Kind::cactus, Place::desert, 1.5F), kind("cacti", Kind::cactus, Place::desert, 1.5F), kind("cactuses", Kind::cactus, Place::desert, 1.5F),
    kind("cat", Kind::cat), kind("kitten", Kind::cat), kind("katze", Kind::cat), kind("gato", Kind::cat), kind("lion", Kind::cat, Place::desert, 0.8F), kind("tiger", Kind::cat, Place::forest, 0.8F), kind("panther", Kind::cat),
    kind("dog", Kind::dog), kind("puppy", Kind::dog), kind("hund", Kind::dog), kind("chien", Kind::dog), kind("perro", Kind::dog), kind("wolf", Kind::dog, Place::forest, 0.8F), kind("fox", Kind::dog, Place::forest, 0.8F), kind("wolves", Kind::dog, Place::forest, 0.8F),
    kind("bird", Kind::bird), kind("seagull", Kind::bird, Place::sea, 0.8F), kind("gull", Kind::bird, Place::sea, 0.8F), kind("eagle", Kind::bird, Place::mountains, 0.7F), kind("crow", Kind::bird), kind("raven", Kind::bird), kind("crane", Kind::bird), kind("owl", Kind::bird, Place::forest, 0.6F),
    kind("dragon", Kind::bird, Place::mountains, 0.5F), kind("butterfly", Kind::bird, Place::meadow, 0.6F), kind("swan", Kind::bird, Place::lake, 0.7F), kind("geese", Kind::bird), kind("heron", Kind::bird, Place::lake, 0.7F),
    kind("car", Kind::car, Place::city, 1), kind("taxi", Kind::car, Place::city, 1.5F), kind("automobile", Kind::car, Place::city, 1), kind("truck", Kind::car, Place::city, 0.8F), kind("bus", Kind::car, Place::city, 1), kind("auto", Kind::car, Place::city, 0.6F), kind("van", Kind::car, Place::city, 0.5F),
    kind("lighthouse", Kind::lighthouse, Place::sea, 2.2F), kind("leuchtturm", Kind::lighthouse, Place::sea, 2.2F), kind("phare", Kind::lighthouse, Place::sea, 2), kind("faro", Kind::lighthouse, Place::sea, 2), kind("beacon", Kind::lighthouse, Place::sea, 1),
    kind("flower", Kind::flower, Place::meadow, 1), kind("tulip", Kind::flower, Place::meadow, 1), kind("sunflower", Kind::flower, Place::meadow, 1.4F), kind("poppy", Kind::flower, Place::meadow, 1.2F), kind("poppies", Kind::flower, Place::meadow, 1.2F), kind("daisy", Kind::flower, Place::meadow, 1), kind("daisies", Kind::flower, Place::meadow, 1), kind("rosebush", Kind::flower, Place::meadow, 1), kind("lotus", Kind::flower, Place::lake, 0.8F), kind("blume", Kind::flower, Place::meadow, 1), kind("fleur", Kind::flower, Place::meadow, 1), kind("flor", Kind::flower, Place::meadow, 1), kind("roses", Kind::flower, Place::table, 1),
    kind("fruit", Kind::fruit, Place::table, 1.5F), kind("apple", Kind::fruit, Place::table, 1.2F), kind("pear", Kind::fruit, Place::table, 1.2F), kind("oranges", Kind::fruit, Place::table, 1.2F), kind("lemons", Kind::fruit, Place::table, 1.2F), kind("grape", Kind::fruit, Place::table, 1.2F), kind("cherries", Kind::fruit, Place::table, 1.2F), kind("peaches", Kind::fruit, Place::table, 1.2F), kind("obst", Kind::fruit, Place::table, 1.2F), kind("banana", Kind::fruit, Place::table, 1.2F), kind("pomegranate", Kind::fruit, Place::table, 1.2F), kind("plums", Kind::fruit, Place::table, 1.2F),
    kind("robot", Kind::robot), kind("android", Kind::robot), kind("cyborg", Kind::robot, Place::city, 0.5F), kind("mech", Kind::robot, Place::city, 0.5F), kind("roboter", Kind::robot),
    kind("horse", Kind::horse, Place::meadow, 0.9F), kind("pony", Kind::horse, Place::meadow, 0.9F), kind("unicorn", Kind::horse, Place::meadow, 0.9F), kind("cow", Kind::horse, Place::meadow, 1), kind("pferd", Kind::horse, Place::meadow, 0.9F), kind("cheval", Kind::horse, Place::meadow, 0.9F), kind("caballo", Kind::horse, Place::meadow, 0.9F), kind("camel", Kind::horse, Place::desert, 1.2F), kind("zebra", Kind::horse, Place::desert, 1),
    kind("deer", Kind::deer, Place::forest, 1), kind("stag", Kind::deer, Place::forest, 1), kind("elk", Kind::deer, Place::forest, 1), kind("reindeer", Kind::deer, Place::forest, 1), kind("moose", Kind::deer, Place::forest, 1),
    kind("fish", Kind::fish, Place::underwater, 0.9F), kind("shark", Kind::fish, Place::underwater, 1.2F), kind("whale", Kind::whale, Place::sea, 1.3F), kind("dolphin", Kind::fish, Place::sea, 1.2F), kind("turtle", Kind::fish, Place::underwater, 1.2F),
    kind("balloon", Kind::balloon, Place::meadow, 0.4F), kind("airship", Kind::balloon), kind("bridge", Kind::bridge, Place::lake, 1), kind("lamppost", Kind::lamp, Place::city, 0.6F), kind("lantern", Kind::lamp), kind("streetlamp", Kind::lamp, Place::city, 1),
    kind("rocket", Kind::rocket, Place::space, 1.6F), kind("spaceship", Kind::rocket, Place::space, 2), kind("starship", Kind::rocket, Place::space, 2), kind("spacecraft", Kind::rocket, Place::space, 2), kind("mushroom", Kind::mushroom, Place::forest, 1), kind("toadstool", Kind::mushroom, Place::forest, 1),
    kind("planet", Kind::planet, Place::space, 2.4F), kind("rock", Kind::rock), kind("boulder", Kind::rock), kind("monolith", Kind::rock), kind("teapot", Kind::teapot, Place::table, 1.5F), kind("jug", Kind::teapot, Place::table, 1.5F), kind("bottle", Kind::teapot, Place::table, 1), kind("book", Kind::book, Place::room, 0.7F), kind("orb", Kind::orb), kind("sphere", Kind::orb), kind("crystal", Kind::orb), kind("sculpture", Kind::orb), kind("statue", Kind::person),

    when("dawn", Time::dawn), when("sunrise", Time::dawn), when("daybreak", Time::dawn), when("sonnenaufgang", Time::dawn), when("morning", Time::morning), when("morgen", Time::morning), when("noon", Time::noon), when("midday", Time::noon), when("mittag", Time::noon), when("day", Time::noon), when("daytime", Time::noon), when("sunny", Time::noon), when("daylight", Time::noon),
    when("afternoon", Time::afternoon), when("golden_hour", Time::sunset), when("sunset", Time::sunset), when("sundown", Time::sunset), when("sonnenuntergang", Time::sunset), when("evening", Time::dusk), when("dusk", Time::dusk), when("twilight", Time::dusk), when("blue_hour", Time::dusk), when("abend", Time::dusk), when("night", Time::night), when("midnight", Time::night), when("nacht", Time::night), when("nuit", Time::night), when("noche", Time::night), when("moonlit", Time::night), when("moonlight", Time::night), when("moon", Time::night), when("starry", Time::night), when("stars", Time::night), when("nocturnal", Time::night),

    just("cloud", Sense::cloud, 60), just("cloudy", Sense::cloud, 70), just("overcast", Sense::cloud, 90), just("rain", Sense::rain, 80), just("rainy", Sense::rain, 80), just("drizzle", Sense::rain, 40), just("downpour", Sense::rain, 100), just("regen", Sense::rain, 80), just("pluie", Sense::rain, 80), just("lluvia", Sense::rain, 80), just("monsoon", Sense::rain, 100), just("wet", Sense::rain, 25),
    just("snow", Sense::snow, 70), just("snowy", Sense::snow, 70), just("snowfall", Sense::snow, 90), just("blizzard", Sense::snow, 100), just("schnee", Sense::snow, 70), just("neige", Sense::snow, 70), just("frozen", Sense::snow, 20), just("ice", Sense::snow, 20), just("icy", Sense::snow, 20), just("snowstorm", Sense::snow, 100), just("nieve", Sense::snow, 70),
    just("fog", Sense::fog, 80), just("foggy", Sense::fog, 80), just("mist", Sense::fog, 55), just("misty", Sense::fog, 55), just("haze", Sense::fog, 35), just("hazy", Sense::fog, 35), just("nebel", Sense::fog, 80), just("smoke", Sense::fog, 40),
    just("storm", Sense::storm, 90), just("stormy", Sense::storm, 90), just("thunder", Sense::storm, 100), just("thunderstorm", Sense::storm, 100), just("lightning", Sense::storm, 100), just("tempest", Sense::storm, 100), just("sturm", Sense::storm, 90), just("hurricane", Sense::storm, 100), just("windy", Sense::cloud, 55), just("clear", Sense::clear), just("cloudless", Sense::clear), just("aurora", Sense::aurora), just("borealis", Sense::aurora), just("rainbow", Sense::rainbow),

    just("winter", Sense::season, n(Season::winter)), just("autumn", Sense::season, n(Season::autumn)), just("fall", Sense::season, n(Season::autumn)), just("spring", Sense::season, n(Season::spring)), just("summer", Sense::season, n(Season::summer)), just("herbst", Sense::season, n(Season::autumn)),
    just("watercolour", Sense::style, n(Style::watercolour)), just("watercolor", Sense::style, n(Style::watercolour)), just("aquarelle", Sense::style, n(Style::watercolour)), just("aquarell", Sense::style, n(Style::watercolour)), just("gouache", Sense::style, n(Style::watercolour)),
    just("ink", Sense::style, n(Style::ink)), just("line_art", Sense::style, n(Style::ink)), just("lineart", Sense::style, n(Style::ink)), just("pencil", Sense::style, n(Style::ink)), just("etching", Sense::style, n(Style::ink)), just("engraving", Sense::style, n(Style::ink)), just("drawing", Sense::style, n(Style::ink)), just("manga", Sense::style, n(Style::ink)), just("comic", Sense::style, n(Style::ink)),
    just("photo", Sense::style, n(Style::photo)), just("photograph", Sense::style, n(Style::photo)), just("photography", Sense::style, n(Style::photo)), just("photographic", Sense::style, n(Style::photo)), just("photorealistic", Sense::style, n(Style::photo)), just("cinematic", Sense::style, n(Style::photo)), just("film", Sense::style, n(Style::photo)), just("kodak", Sense::style, n(Style::photo)), just("portra", Sense::style, n(Style::photo)), just("realistic", Sense::style, n(Style::photo)),
    just("flat", Sense::style, n(Style::flat)), just("vector", Sense::style, n(Style::flat)), just("minimalist", Sense::style, n(Style::flat)), just("poster", Sense::style, n(Style::flat)), just("anime", Sense::style, n(Style::flat)), just("woodblock", Sense::style, n(Style::flat)), just("ukiyo", Sense::style, n(Style::flat)), just("mosaic", Sense::style, n(Style::mosaic)), just("pixel", Sense::style, n(Style::mosaic)), just("oil", Sense::style, n(Style::painting)), just("painting", Sense::style, n(Style::painting)), just("painterly", Sense::style, n(Style::painting)), just("impressionist", Sense::style, n(Style::painting)),
    just("monochrome", Sense::tone, n(Tone::monochrome)), just("black_white", Sense::tone, n(Tone::monochrome)), just("greyscale", Sense::tone, n(Tone::monochrome)), just("grayscale", Sense::tone, n(Tone::monochrome)), just("noir", Sense::tone, n(Tone::noir)), just("vintage", Sense::tone, n(Tone::faded)), just("retro", Sense::tone, n(Tone::faded)), just("nostalgic", Sense::tone, n(Tone::faded)), just("pastel", Sense::tone, n(Tone::faded)), just("faded", Sense::tone, n(Tone::faded)), just("warm", Sense::tone, n(Tone::warm)), just("cosy", Sense::tone, n(Tone::warm)), just("cozy", Sense::tone, n(Tone::warm)), just("cold", Sense::tone, n(Tone::cool)), just("cool", Sense::tone, n(Tone::cool)),

    just("thirds", Sense::layout, n(Layout::thirds)), just("centred", Sense::layout, n(Layout::centred)), just("centered", Sense::layout, n(Layout::centred)), just("symmetrical", Sense::layout, n(Layout::symmetrical)), just("symmetric", Sense::layout, n(Layout::symmetrical)), just("symmetry", Sense::layout, n(Layout::symmetrical)), just("mirrored", Sense::layout, n(Layout::symmetrical)),
    just("left", Sense::left), just("right", Sense::right), just("centre", Sense::centre), just("center", Sense::centre), just("middle", Sense::centre), just("links", Sense::left), just("rechts", Sense::right), just("foreground", Sense::front), just("front", Sense::front), just("background", Sense::back), just("distant", Sense::back), just("distance", Sense::back), just("behind", Sense::back), just("horizon", Sense::back), just("midground", Sense::centre),
    just("large", Sense::large), just("huge", Sense::large), just("giant", Sense::large), just("big", Sense::large), just("massive", Sense::large), just("towering", Sense::large), just("small", Sense::tiny), just("tiny", Sense::tiny), just("little", Sense::tiny), just("lone", Sense::tiny, 1), just("two", Sense::many, 2), just("three", Sense::many, 3), just("four", Sense::many, 4), just("five", Sense::many, 5), just("several", Sense::many, 4), just("many", Sense::many, 6), just("flock", Sense::many, 9), just("school", Sense::many, 9), just("group", Sense::many, 4), just("crowd", Sense::many, 7), just("fleet", Sense::many, 5),
    just("close", Sense::near_), just("closeup", Sense::near_), just("macro", Sense::near_), just("wide", Sense::far_), just("panoramic", Sense::far_), just("panorama", Sense::far_), just("establishing", Sense::far_), just("aerial", Sense::high), just("overhead", Sense::high), just("bird_eye", Sense::high), just("low_angle", Sense::low), just("worm", Sense::low), just("upward", Sense::low),
    just("coat", Sense::garment), just("dress", Sense::garment), just("jacket", Sense::garment), just("cloak", Sense::garment), just("shirt", Sense::garment), just("sweater", Sense::garment), just("robe", Sense::garment), just("raincoat", Sense::garment), just("suit", Sense::garment), just("gown", Sense::garment), just("kimono", Sense::garment), just("mantel", Sense::garment), just("scarf", Sense::garment), just("armour", Sense::garment), just("hair", Sense::hair), just("haired", Sense::hair), just("blonde", Sense::hair, 1), just("blond", Sense::hair, 1), just("brunette", Sense::hair, 2), just("redhead", Sense::hair, 3), just("hat", Sense::hat), just("umbrella", Sense::umbrella), just("parasol", Sense::umbrella), just("she", Sense::female), just("her", Sense::female),
    just("dark", Sense::gloom, 70), just("gloomy", Sense::gloom, 80), just("moody", Sense::gloom, 60), just("ominous", Sense::gloom, 90), just("melancholic", Sense::gloom, 50), just("melancholy", Sense::gloom, 50), just("dramatic", Sense::gloom, 45), just("mysterious", Sense::gloom, 50), just("sombre", Sense::gloom, 70), just("bright", Sense::bright), just("cheerful", Sense::bright), just("vibrant", Sense::bright), just("joyful", Sense::bright), just("serene", Sense::bright, 40), just("no", Sense::negate), just("without", Sense::negate), just("ohne", Sense::negate), just("sans", Sense::negate), just("not", Sense::negate), just("palette", Sense::palette), just("tones", Sense::palette), just("hues", Sense::palette), just("colours", Sense::palette), just("colors", Sense::palette), just("ruin", Sense::ruins), just("abandoned", Sense::ruins),
};
// clang-format on

const std::vector<Meaning>& sorted() {
    // Built once and kept for the life of the process.
    static const auto* words = [] {
        auto* list = new std::vector<Meaning>(std::begin(kWords), std::end(kWords));
        std::stable_sort(list->begin(), list->end(),
                         [](const Meaning& a, const Meaning& b) { return a.word < b.word; });
        return list;
    }();
    return *words;
}

}  // namespace

Meaning meaningOf(std::string_view word) {
    const auto& list = sorted();
    const auto it =
        std::lower_bound(list.begin(), list.end(), word,
                         [](const Meaning& m, std::string_view w) { return m.word < w; });
    return it != list.end() && it->word == word ? *it : Meaning{};
}

}  // namespace sketch
