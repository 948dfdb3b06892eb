#include "phrases.hpp"

#include <array>

namespace wordsmith {
namespace {

using S = std::string_view;

constexpr S kSeaCues[] = {"sea",   "ocean", "harbour", "harbor", "ship",       "boat",  "wave",
                          "beach", "coast", "sail",    "port",   "lighthouse", "shore", "island"};
constexpr S kSeaDetails[] = {"spray hanging above dark rollers",
                             "ropes and wet timber creaking at the quay",
                             "gulls tilting into the wind",
                             "foam drawn in long threads between the rocks",
                             "a hull patched with rust and old paint",
                             "nets drying on weathered posts",
                             "the horizon bent a little by haze"};
constexpr S kSeaSettings[] = {
    "The water fills the lower half of the frame and answers every change in the sky",
    "Salt and mist soften the far shore until it is little more than a line",
    "Stone steps lead down to a tide that has only just turned",
    "A breakwater reaches out and gives the eye somewhere to walk",
    "Tidal pools in front repeat the sky in broken pieces"};
constexpr S kSeaColors[] = {"deep teal",  "wet slate",       "sea-glass green",
                            "rope brown", "pale foam white", "storm blue"};
constexpr S kSeaConcepts[] = {
    "a fishing boat coming home before the weather", "a lighthouse keeper's last evening",
    "an empty pier after the ferry has gone", "a bottle of light drifting on a black sea"};

constexpr S kCityCues[] = {"city",      "street", "urban",   "town",       "skyline", "neon",
                           "cyberpunk", "market", "traffic", "skyscraper", "train",   "station",
                           "car",       "taxi",   "alley",   "cafe",       "café"};
constexpr S kCityDetails[] = {"steam rising from a grate",
                              "signs mirrored upside down in the pavement",
                              "cables strung between worn facades",
                              "a few late figures hurrying under the awnings",
                              "tram rails catching a thin line of light",
                              "posters peeling in layers",
                              "one lit window high above the rest"};
constexpr S kCitySettings[] = {
    "Walls lean in on both sides and lead towards a bright gap at the end",
    "Behind it the towers step back into haze, one pale silhouette after another",
    "Shop fronts spill colour across the kerb and into the road",
    "Fire escapes, balconies and laundry turn the upper storeys into a second street",
    "A crossing in front leaves an open stage of polished asphalt"};
constexpr S kCityColors[] = {"sodium amber", "asphalt grey", "electric magenta",
                             "bottle green", "brick red",    "cold cyan"};
constexpr S kCityConcepts[] = {
    "a night tram crossing an empty square", "a rooftop garden above a sleeping city",
    "a noodle stall at the end of a narrow alley", "a busker playing to nobody in the rain"};

constexpr S kForestCues[] = {"forest", "wood", "woods",    "tree",  "jungle", "fox",  "deer",
                             "owl",    "moss", "mushroom", "fairy", "elf",    "witch"};
constexpr S kForestDetails[] = {"moss thick on every stone",
                                "ferns still bent under the dew",
                                "bark split and silvered with age",
                                "seeds drifting slowly through the beams",
                                "a narrow path half lost in leaves",
                                "roots that grip the bank like fingers",
                                "lichen glowing faintly on fallen branches"};
constexpr S kForestSettings[] = {
    "Trunks stand in ranks, each row paler than the one before it",
    "The undergrowth opens into a small clearing that nobody else seems to know",
    "A stream slips between the roots and carries off small pieces of sky",
    "High above, the canopy closes like a vaulted roof",
    "Old stones, half swallowed by green, hint at somebody who lived here once"};
constexpr S kForestColors[] = {"moss green",     "bark brown",  "fern",
                               "mushroom beige", "rust orange", "cool shadow blue"};
constexpr S kForestConcepts[] = {
    "a lantern left burning in a beech wood", "a fox waiting at the edge of a clearing",
    "a staircase grown over by a forest", "the oldest oak on the hill"};

constexpr S kDryCues[] = {"desert",  "dune", "canyon", "camel", "mars",
                          "savanna", "sand", "cactus", "oasis"};
constexpr S kDryDetails[] = {
    "sand lifting from every crest",   "a single line of footprints",
    "heat trembling above the ground", "stones polished smooth by wind",
    "bleached wood half buried",       "long ribs of shadow between the dunes"};
constexpr S kDrySettings[] = {
    "Ridges run back one behind another until they dissolve in glare",
    "Flat-topped rocks stand far off like furniture in an empty hall",
    "The ground is a clean sheet on which every small thing is written large",
    "A dry river bed winds through the picture and gives it its rhythm",
    "Nothing stands between here and the horizon except light"};
constexpr S kDryColors[] = {"burnt ochre", "terracotta",  "bone white",
                            "dusty rose",  "hard cobalt", "saffron"};
constexpr S kDryConcepts[] = {"a caravan resting in the only shade for miles",
                              "a door standing alone among dunes",
                              "rain arriving in a desert after ten years"};

constexpr S kHighCues[] = {"mountain", "peak", "valley", "alpine", "glacier", "castle",    "dragon",
                           "volcano",  "hill", "cliff",  "lake",   "river",   "waterfall", "eagle"};
constexpr S kHighDetails[] = {
    "thin cloud caught on the ridge",        "meltwater threading down the scree",
    "larches holding on below the rock",     "an old wall following the slope",
    "birds circling far beneath the summit", "snow lying blue in the gullies"};
constexpr S kHighSettings[] = {"Range after range recedes, each a shade closer to the sky",
                               "A cold lake below keeps an almost perfect copy of the heights",
                               "Pines climb as far as they dare and then give way to stone",
                               "The valley floor lies in shade while the tops are already lit",
                               "A pass between two shoulders of rock draws the eye onward"};
constexpr S kHighColors[] = {"glacier blue", "granite grey", "alpine rose",
                             "pine green",   "pale gold",    "snow white"};
constexpr S kHighConcepts[] = {"a watchtower above a sea of clouds",
                               "a mountain hut on the longest night",
                               "a bridge nobody has crossed in a century"};

constexpr S kFaceCues[] = {"portrait", "woman",    "man",    "girl",    "boy",     "face",
                           "lady",     "king",     "queen",  "warrior", "samurai", "person",
                           "dancer",   "musician", "knight", "wizard",  "child",   "people"};
constexpr S kFaceDetails[] = {
    "an expression caught between two thoughts", "a loose strand of hair across the brow",
    "hands that tell more than the eyes do",     "fabric falling in soft heavy folds",
    "a small scar that nobody asks about",       "the gaze resting just past the viewer",
    "fine lines that come only from laughing"};
constexpr S kFaceSettings[] = {
    "The background falls away into soft shapes, so that nothing competes with the figure",
    "A doorway behind gives a hint of the room and the life beyond it",
    "Worn plaster and a single chair are all the surroundings there are",
    "Out-of-focus lights drift behind the shoulders like slow fireflies",
    "A simple cloth backdrop carries the marks of many earlier sittings"};
constexpr S kFaceColors[] = {"warm umber", "ivory",     "oxblood red",
                             "olive",      "dove grey", "old gold"};
constexpr S kFaceConcepts[] = {"portrait of a clockmaker on her last day of work",
                               "a dancer waiting behind the curtain",
                               "an old sailor who has never told the story"};

constexpr S kBeastCues[] = {"cat",       "dog",      "horse",  "bird",     "wolf",   "lion",
                            "tiger",     "bear",     "animal", "whale",    "fish",   "rabbit",
                            "butterfly", "elephant", "robot",  "creature", "monster"};
constexpr S kBeastDetails[] = {
    "every hair and edge picked out by the light", "one ear turned towards a sound we cannot hear",
    "weight held ready, as if about to move",      "breath just visible in the air",
    "bright eyes that have noticed the viewer",    "dust hanging where it has just stepped"};
constexpr S kBeastSettings[] = {
    "The place around it is drawn simply, as a quiet home ground",
    "Tall grass in front blurs into soft strokes of colour",
    "A worn track behind shows how it came here",
    "Broad empty space on one side leaves room for the next step",
    "Small plants and pebbles near the ground give the scene its scale"};
constexpr S kBeastColors[] = {"tawny brown", "smoke grey", "amber",
                              "leaf green",  "cream",      "ink black"};
constexpr S kBeastConcepts[] = {"a heron that has mistaken the moon for a fish",
                                "a small robot feeding birds", "a cat asleep on a warm engine"};

constexpr S kSpaceCues[] = {"space",  "planet",    "galaxy", "star",      "stars",
                            "nebula", "astronaut", "rocket", "spaceship", "cosmic",
                            "alien",  "moon",      "orbit"};
constexpr S kSpaceDetails[] = {
    "dust lanes folding into one another", "a thin bright rim of atmosphere",
    "debris turning slowly in the light",  "distant suns scattered like salt",
    "a ring system seen nearly edge on",   "small navigation lights for scale"};
constexpr S kSpaceSettings[] = {"Beyond it the dark is deep and layered, never merely black",
                                "A veil of gas crosses the frame on a long diagonal",
                                "A smaller moon hangs to one side and catches the same light",
                                "The curve of a world fills one corner and anchors everything else",
                                "Silence is suggested by wide margins of untouched dark"};
constexpr S kSpaceColors[] = {"violet",    "ultramarine",  "ember orange",
                              "pale mint", "carbon black", "rose dust"};
constexpr S kSpaceConcepts[] = {"the last gardener on a generation ship",
                                "a greenhouse in orbit around a red star",
                                "a lighthouse built for comets"};

constexpr S kRoomCues[] = {"room",   "interior", "kitchen", "library", "window", "house",
                           "home",   "bedroom",  "studio",  "fruit",   "food",   "still",
                           "table",  "bowl",     "book",    "tea",     "coffee", "cake",
                           "flower", "flowers",  "garden",  "meadow",  "rose"};
constexpr S kRoomDetails[] = {"a cup still warm on the sill",
                              "dust turning slowly in a sunbeam",
                              "a folded cloth with one careless corner",
                              "petals fallen where they were left",
                              "a chipped glaze that catches the light",
                              "the grain of old wood showing through",
                              "a half-open book face down"};
constexpr S kRoomSettings[] = {"Everything near at hand has been used, mended and kept",
                               "A tall window to one side lets the day in at a slant",
                               "Pots and leaves crowd the edges and frame the middle",
                               "Behind it a plain wall takes on every colour around it",
                               "The arrangement looks accidental and is not"};
constexpr S kRoomColors[] = {"butter yellow", "faded blue",  "terracotta",
                             "sage green",    "linen white", "plum"};
constexpr S kRoomConcepts[] = {"a kitchen table the morning after a feast",
                               "a greenhouse full of clocks",
                               "a window seat during the first snow"};

constexpr S kAnyDetails[] = {
    "small unexpected details in every corner",  "surfaces that show age and care",
    "a quiet centre surrounded by movement",     "shapes that echo one another across the frame",
    "one bright accent that the eye returns to", "edges lost and found again"};
constexpr S kAnySettings[] = {
    "The surroundings are kept simple, so that the idea itself can breathe",
    "Foreground, middle and distance are three clear planes, each with its own weight",
    "Hints of a larger world lie just beyond the frame",
    "The setting feels remembered rather than observed",
    "Open space around it makes the scale hard to guess and pleasant to wonder about"};
constexpr S kAnyColors[] = {"warm ochre", "soft indigo", "sage", "coral", "parchment", "charcoal"};
constexpr S kAnyConcepts[] = {
    "a map of a place that no longer exists", "the moment before the music starts",
    "a library that remembers its readers",   "two kites tangled in the same wind",
    "a machine for collecting rain",          "the colour of an old song"};

constexpr Theme kThemes[] = {
    {kSeaCues, kSeaDetails, kSeaSettings, kSeaColors, kSeaConcepts},
    {kSpaceCues, kSpaceDetails, kSpaceSettings, kSpaceColors, kSpaceConcepts},
    {kCityCues, kCityDetails, kCitySettings, kCityColors, kCityConcepts},
    {kDryCues, kDryDetails, kDrySettings, kDryColors, kDryConcepts},
    {kForestCues, kForestDetails, kForestSettings, kForestColors, kForestConcepts},
    {kFaceCues, kFaceDetails, kFaceSettings, kFaceColors, kFaceConcepts},
    {kHighCues, kHighDetails, kHighSettings, kHighColors, kHighConcepts},
    {kBeastCues, kBeastDetails, kBeastSettings, kBeastColors, kBeastConcepts},
    {kRoomCues, kRoomDetails, kRoomSettings, kRoomColors, kRoomConcepts},
    {{}, kAnyDetails, kAnySettings, kAnyColors, kAnyConcepts},
};

constexpr S kNightCues[] = {"night", "midnight", "moonlight", "moonlit", "nocturnal", "dark"};
constexpr S kNightHours[] = {"Moonlight silvers the upper edges and leaves the rest to imagination",
                             "A few warm lamps hold small islands of light against the night",
                             "Stars show wherever the sky is left bare",
                             "The darkness is full of blue, with one warm source to balance it"};
constexpr S kDuskCues[] = {"dusk", "sunset", "evening", "twilight", "golden"};
constexpr S kDuskHours[] = {
    "The last light comes in low and sets every edge on fire",
    "Half the sky is already night, while the other half glows like embers",
    "Long shadows reach across the ground and join their owners to the dark",
    "Lamps are being lit while the west still burns"};
constexpr S kDawnCues[] = {"dawn", "sunrise", "morning"};
constexpr S kDawnHours[] = {"First light slides in almost level and finds the dew",
                            "Mist lies in the low places and will be gone within the hour",
                            "The sky is rinsed clean, rose at its foot and cool above"};
constexpr S kNoonCues[] = {"noon", "midday", "sunny", "day", "summer", "daylight"};
constexpr S kNoonHours[] = {
    "The sun stands high and leaves only small, hard shadows",
    "Bright daylight flattens the distance and sharpens all that is near",
    "White light bounces up from the ground and fills the shade with colour"};
constexpr S kRainCues[] = {"rain", "rainy", "storm", "stormy", "thunder", "wet", "lightning"};
constexpr S kRainHours[] = {
    "Rain falls in slanting threads and every surface becomes a mirror",
    "The storm is heavy and close, with one torn strip of brightness beneath the cloud",
    "Wind pushes everything the same way, and water runs from each edge"};
constexpr S kSnowCues[] = {"snow", "snowy", "winter", "ice", "frozen", "frost"};
constexpr S kSnowHours[] = {"Snow muffles the ground and throws pale light up from below",
                            "Slow flakes fall at different distances and give the air its depth",
                            "Frost draws a fine white line around every twig and ledge"};
constexpr S kFogCues[] = {"fog", "foggy", "mist", "misty", "haze", "smoke"};
constexpr S kFogHours[] = {"Fog takes the distance away piece by piece",
                           "Soft layers of mist separate near from far like sheets of paper"};

constexpr Theme kHours[] = {
    {kRainCues, {}, kRainHours, {}, {}}, {kSnowCues, {}, kSnowHours, {}, {}},
    {kFogCues, {}, kFogHours, {}, {}},   {kNightCues, {}, kNightHours, {}, {}},
    {kDuskCues, {}, kDuskHours, {}, {}}, {kDawnCues, {}, kDawnHours, {}, {}},
    {kNoonCues, {}, kNoonHours, {}, {}},
};

constexpr S kOpenings[] = {"",
                           "",
                           "",
                           "A close, patient study of ",
                           "A wide and generous view of ",
                           "An atmospheric picture of ",
                           "A carefully staged image of ",
                           "A vivid rendering of ",
                           "An intimate look at ",
                           "A richly detailed scene of ",
                           "A dreamlike vision of ",
                           "A quietly dramatic depiction of "};
constexpr S kTextures[] = {"rough stone and worn wood",       "wet surfaces and soft cloth",
                           "brushed metal and cracked paint", "fine dust and polished edges",
                           "thick pigment and raw canvas",    "paper grain and bleeding pigment",
                           "glass, steam and skin",           "lichen, rust and linen"};
constexpr S kLights[] = {"soft light from the left",
                         "a low raking light",
                         "diffused overcast light",
                         "strong backlight with a glowing rim",
                         "a single warm source in cool surroundings",
                         "broken light falling in patches",
                         "a cool key light balanced by warm bounce",
                         "light that seems to come from within",
                         "narrow light that cuts through the air",
                         "gentle window light"};
constexpr S kShades[] = {
    "leaves the shadows open and full of colour",   "lets the corners sink into calm darkness",
    "models every form without harshness",          "draws the eye straight to the centre",
    "separates the planes like stage scenery",      "turns small textures into landscapes",
    "makes edges dissolve where they matter least", "gives each surface a temperature of its own"};
constexpr S kCompositions[] = {"Composed on the rule of thirds",
                               "Framed with strong symmetry",
                               "Built on one sweeping diagonal",
                               "Arranged around generous empty space",
                               "Seen from slightly below",
                               "Seen from a high, calm viewpoint",
                               "Framed through something dark in the foreground",
                               "Layered in three clear depths",
                               "Centred and still, like an icon",
                               "Set low in the frame beneath an open sky"};
constexpr S kLenses[] = {"a 24 mm wide-angle lens",  "a 35 mm lens",
                         "a classic 50 mm lens",     "an 85 mm portrait lens",
                         "a 135 mm telephoto lens",  "a medium-format camera with an 80 mm lens",
                         "a tilt-shift lens",        "a large-format view camera",
                         "a vintage anamorphic lens"};
constexpr S kDepths[] = {
    "at f/1.8, where the background melts",    "at f/2.8 with gentle falloff",
    "at f/8, sharp from front to back",        "at f/11 with endless clarity",
    "at f/4, softening only the far distance", "wide open, with round soft highlights",
    "stopped down, so that each detail counts"};
constexpr S kMoods[] = {"hushed",  "expectant", "melancholy", "tender",    "wild",
                        "playful", "solemn",    "restless",   "serene",    "mysterious",
                        "hopeful", "nostalgic", "uneasy",     "triumphant"};
constexpr S kFeelings[] = {"as if something has just ended",
                           "as if a voice had just fallen silent",
                           "like the first page of a long story",
                           "with a little humour under the surface",
                           "and strangely familiar",
                           "with a promise of weather to come",
                           "like a memory that has been kept warm",
                           "but never sentimental",
                           "and full of small invitations to look again",
                           "like a held breath"};
constexpr S kStyles[] = {"painterly realism",
                         "a loose gouache illustration",
                         "a cinematic film still",
                         "an ink and watercolour drawing",
                         "a luminous oil painting",
                         "a fine-art photograph",
                         "a woodblock print with modern colours",
                         "a graphic-novel panel",
                         "impressionist brushwork",
                         "a mid-century travel poster",
                         "a matte painting for an epic film",
                         "magical realism"};
constexpr S kManners[] = {
    "with confident visible strokes",  "with crisp detail at the focal point",
    "with restrained contrast",        "with delicate line work",
    "with bold simplified shapes",     "with subtle film grain",
    "with glazed, translucent layers", "with careful edges and free interiors"};
constexpr S kFinishes[] = {"finely textured",
                           "softly graded",
                           "richly layered",
                           "clean and precise",
                           "slightly weathered",
                           "velvety in the darks",
                           "luminous in the half-tones",
                           "rough at the margins"};
constexpr S kExtras[] = {
    "Tiny imperfections keep it believable and give the eye something to discover",
    "Nothing is decorative; each object has a reason to be there",
    "The air itself seems to have weight and temperature",
    "Repeated curves tie the near and the far together",
    "A single point of stillness holds all this movement in balance",
    "Scale is told by small familiar things placed with care",
    "Distance is painted in ever cooler and paler tones",
    "The silhouette reads at a glance, and the details reward a slower look"};
constexpr S kContrasts[] = {"an accent of",   "a single flash of", "touches of",
                            "a thin edge of", "quiet passages of", "an undertone of"};

constexpr PhraseBook kBook{kThemes,       kHours,    kOpenings, kTextures, kLights,   kShades,
                           kCompositions, kLenses,   kDepths,   kMoods,    kFeelings, kStyles,
                           kManners,      kFinishes, kExtras,   kContrasts};

}  // namespace

const PhraseBook& phraseBook() {
    return kBook;
}

}  // namespace wordsmith
