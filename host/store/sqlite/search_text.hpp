// What the full-text index is fed with and asked for. Its tokenizer finds words by the spaces
// around them; Chinese, Japanese and Korean have none, so their characters are indexed one by one
// in a column of their own, and a run of them is searched for as a phrase there. Pure functions;
// any bytes.
#pragma once

#include <string>
#include <string_view>

#include "store/job_store.hpp"

struct sqlite3;

namespace host::store {

// The CJK characters of `text`, each followed by a space, a "|" where others came between; empty
// when there are none.
std::string spacedCjk(std::string_view text);

// Makes spaced_cjk(text, ...) known to SQL on this connection: for migrations only, since people
// look at the database with other programs.
void addSearchFunctions(sqlite3* database);

// What a full-text search for these words asks for, whatever characters they hold. Empty when there
// is nothing to search for. With `lastIsPrefix` the last word counts as the beginning of one; empty
// as well when it is too short for that.
std::string wordsQuery(const std::string& text, bool lastIsPrefix);
// The same narrowed down by the query's other fields; what is not exact in the index has to be
// compared once more.
std::string withFilters(std::string match, const ImageQuery& query);

}  // namespace host::store
