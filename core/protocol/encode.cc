#include <fmt/format.h>

#include <bit>
#include <cstring>
#include <string>

#include "core/base/check.h"
#include "core/base/cursor.h"
#include "core/base/uuid.h"
#include "core/protocol/codec.h"

namespace trialog::protocol::detail {
namespace {

constexpr std::size_t string_limit = 0x7fff;
constexpr std::size_t length_limit = 0x7fffffff;

/// Counts what a Filler would write. `passed` bytes are not copied.
struct Counter {
  std::size_t copied = 0;
  std::size_t passed = 0;

  template <class T>
  void number(T) {
    copied += sizeof(T);
  }
  void uvarint(std::uint32_t v) { copied += uvarint_size(v); }
  void bytes(const void*, std::size_t count) { copied += count; }
  void pass(const Chain& chain) { passed += chain.size(); }
};

/// Writes into memory that a Counter has measured, and hands passed chains on in between.
class Filler {
 public:
  explicit Filler(std::size_t size) : buffer_(size), at_(buffer_.room().data()), begin_(at_) {}

  template <class T>
  void number(T v) {
    if constexpr (sizeof(T) == 2) v = __builtin_bswap16(v);
    if constexpr (sizeof(T) == 4) v = __builtin_bswap32(v);
    if constexpr (sizeof(T) == 8) v = __builtin_bswap64(v);
    bytes(&v, sizeof(T));
  }
  void uvarint(std::uint32_t v) {
    for (; v >= 128; v >>= 7) *at_++ = std::byte((v & 127) | 128);
    *at_++ = std::byte(v);
  }
  void bytes(const void* from, std::size_t count) {
    if (count > 0) std::memcpy(at_, from, count);
    at_ += count;
  }
  void pass(const Chain& chain) {
    hand_over();
    chain_.append(chain);
  }
  Chain finish() {
    hand_over();
    CHECK(buffer_.size() == buffer_.capacity());
    return std::move(chain_);
  }

 private:
  void hand_over() {
    const auto count = static_cast<std::size_t>(at_ - begin_);
    const auto first = buffer_.size();
    buffer_.filled(count);
    chain_.append(buffer_.slice(first, count));
    begin_ = at_;
  }

  Buffer buffer_;
  std::byte* at_;
  std::byte* begin_;  // Of what has not been handed over.
  Chain chain_;
};

template <class T>
T load(const void* member) {
  T value;
  std::memcpy(&value, member, sizeof(T));
  return value;
}

/// One walk over a message. The same walk counts and writes, so that both agree. Refusals are found
/// while counting.
template <class Sink>
class Encoder {
 public:
  Encoder(Sink& sink, std::int16_t version, bool flexible)
      : sink_(sink), version_(version), flexible_(flexible) {}

  bool structure(const Schema& schema, const void* message);
  IoError trouble(const Schema& schema) const {
    return IoError(IoError::Kind::broken,
                   fmt::format("{} v{} cannot carry {}: {}", schema.name, version_, path_, why_));
  }

 private:
  template <class>
  friend class Encoder;

  struct Form {
    bool flexible;
    bool null_allowed;
  };

  bool field(const Schema::Row& row, const void* member);
  bool array(const Schema::Row& row, Form form, const void* from);
  bool value(const Schema::Row& row, Form form, const void* from);
  bool null(const Schema::Row& row, Form form);
  bool text(Form form, const std::string& text);
  bool length(Form form, std::size_t length);
  bool tag_section(const Schema& schema, const void* message);
  bool tagged_field(const Schema::Row& row, const void* member);
  bool is_default(const Schema& schema, const Schema::Row& row, const void* message) const {
    return equal_member(row, schema.member(row, message), schema.member(row, schema.defaults));
  }

  bool fail(std::string why) { return why_ = std::move(why), false; }
  bool within(std::string_view name) {
    const bool index = !path_.empty() && path_[0] == '[';
    path_.insert(0, path_.empty() || index ? "" : ".").insert(0, name);
    return false;
  }

  Sink& sink_;
  std::int16_t version_;
  bool flexible_;
  std::string path_;
  std::string why_;
};

template <class Sink>
bool Encoder<Sink>::length(Form form, std::size_t length) {
  if (length > length_limit) return fail(fmt::format("its length {} exceeds int32", length));
  if (form.flexible) {
    sink_.uvarint(static_cast<std::uint32_t>(length + 1));
  } else {
    sink_.number(static_cast<std::uint32_t>(length));
  }
  return true;
}

template <class Sink>
bool Encoder<Sink>::null(const Schema::Row& row, Form form) {
  if (!form.null_allowed) return fail("null is not allowed in this version");
  const bool structure = row.member.kind == Kind::structure && !row.member.array;
  const bool text = row.member.kind == Kind::string && !row.member.array;
  if (structure) {
    sink_.number(std::uint8_t{0xff});
  } else if (form.flexible) {
    sink_.number(std::uint8_t{0});
  } else if (text) {
    sink_.number(std::uint16_t{0xffff});
  } else {
    sink_.number(std::uint32_t{0xffffffff});
  }
  return true;
}

template <class Sink>
bool Encoder<Sink>::text(Form form, const std::string& text) {
  if (text.size() > string_limit) return fail(fmt::format("{} bytes of text", text.size()));
  if (form.flexible) {
    sink_.uvarint(static_cast<std::uint32_t>(text.size() + 1));
  } else {
    sink_.number(static_cast<std::uint16_t>(text.size()));
  }
  sink_.bytes(text.data(), text.size());
  return true;
}

template <class Sink>
bool Encoder<Sink>::value(const Schema::Row& row, Form form, const void* from) {
  switch (row.member.kind) {
    case Kind::boolean:
      return sink_.number(std::uint8_t{*static_cast<const bool*>(from)}), true;
    case Kind::int8:
      return sink_.number(load<std::uint8_t>(from)), true;
    case Kind::int16:
    case Kind::uint16:
      return sink_.number(load<std::uint16_t>(from)), true;
    case Kind::int32:
    case Kind::uint32:
      return sink_.number(load<std::uint32_t>(from)), true;
    case Kind::int64:
    case Kind::float64:
      return sink_.number(load<std::uint64_t>(from)), true;
    case Kind::uuid:
      return sink_.bytes(static_cast<const Uuid*>(from)->bytes.data(), sizeof(Uuid)), true;
    case Kind::string:
      return text(form, *static_cast<const std::string*>(from));
    case Kind::bytes: {
      const auto& bytes = *static_cast<const Bytes*>(from);
      if (!length(form, bytes.size())) return false;
      return sink_.bytes(bytes.data(), bytes.size()), true;
    }
    case Kind::records: {
      const auto& chain = *static_cast<const Chain*>(from);
      if (!length(form, chain.size())) return false;
      return sink_.pass(chain), true;
    }
    case Kind::structure:
      if (form.null_allowed) sink_.number(std::uint8_t{1});
      return structure(*row.nested, from);
  }
  return false;
}

template <class Sink>
bool Encoder<Sink>::array(const Schema::Row& row, Form form, const void* from) {
  const auto elements = row.member.elements(from);
  if (!length(form, elements.count)) return false;
  form.null_allowed = false;
  for (std::size_t i = 0; i < elements.count; ++i) {
    if (!value(row, form, elements.first + i * row.member.stride)) {
      return within(fmt::format("[{}]", i));
    }
  }
  return true;
}

template <class Sink>
bool Encoder<Sink>::field(const Schema::Row& row, const void* member) {
  const Form form{flexible_ && !row.never_flexible, row.null_allowed.contains(version_)};
  const void* const from = row.member.optional ? row.member.peek(member) : member;
  const bool done = from == nullptr    ? null(row, form)
                    : row.member.array ? array(row, form, from)
                                       : value(row, form, from);
  return done || within(row.name);
}

template <class Sink>
bool Encoder<Sink>::structure(const Schema& schema, const void* message) {
  for (const auto& row : schema.rows) {
    if (row.tagged_in.contains(version_)) continue;
    if (row.present.contains(version_)) {
      if (!field(row, schema.member(row, message))) return false;
    } else if (!row.may_drop && !is_default(schema, row, message)) {
      return fail("this version lacks the field, and it has not its default"), within(row.name);
    }
  }
  return !flexible_ || tag_section(schema, message);
}

template <class Sink>
bool Encoder<Sink>::tagged_field(const Schema::Row& row, const void* member) {
  Counter counter;
  Encoder<Counter> measure(counter, version_, flexible_);
  if (!measure.field(row, member)) {
    path_ = std::move(measure.path_);
    return fail(std::move(measure.why_));
  }
  sink_.uvarint(static_cast<std::uint32_t>(row.tag));
  sink_.uvarint(static_cast<std::uint32_t>(counter.copied + counter.passed));
  return field(row, member);
}

template <class Sink>
bool Encoder<Sink>::tag_section(const Schema& schema, const void* message) {
  std::uint64_t written = 0;  // One bit a tag.
  for (const auto* row : schema.tagged) {
    if (!row->tagged_in.contains(version_) || is_default(schema, *row, message)) continue;
    written |= std::uint64_t{1} << row->tag;
  }
  sink_.uvarint(static_cast<std::uint32_t>(std::popcount(written)));
  if (written == 0) return true;
  for (const auto* row : schema.tagged) {
    if ((written >> row->tag & 1) == 0) continue;
    if (!tagged_field(*row, schema.member(*row, message))) return false;
  }
  return true;
}

template <class Sink>
bool walk(Sink& sink, const Part& part, IoError* trouble) {
  const auto flexible = part.schema->api.flexible.contains(part.version);
  Encoder<Sink> encoder(sink, part.version, flexible);
  if (encoder.structure(*part.schema, part.message)) return true;
  if (trouble != nullptr) *trouble = encoder.trouble(*part.schema);
  return false;
}

Status count(Counter& counter, const Part& part) {
  if (!part.schema->api.valid.contains(part.version)) {
    return failure(IoError::Kind::broken,
                   fmt::format("{} has no v{}", part.schema->name, part.version));
  }
  IoError trouble(IoError::Kind::broken, "");
  if (!walk(counter, part, &trouble)) return failure(trouble);
  return {};
}

}  // namespace

Result<std::size_t> encoded_size(const Part& part) {
  Counter counter;
  if (auto done = count(counter, part); !done) return failure(done.error());
  return counter.copied + counter.passed;
}

Result<Chain> encode(std::span<const Part> parts, Prefix prefix) {
  Counter counter;
  for (const auto& part : parts) {
    if (auto done = count(counter, part); !done) return failure(done.error());
  }
  const auto size = counter.copied + counter.passed;
  if (size > length_limit) return failure(IoError::Kind::broken, "a message of more than 2 GiB");
  const bool prefixed = prefix == Prefix::length;
  Filler filler(counter.copied + (prefixed ? 4 : 0));
  if (prefixed) filler.number(static_cast<std::uint32_t>(size));
  for (const auto& part : parts) CHECK(walk(filler, part, nullptr));
  return filler.finish();
}

}  // namespace trialog::protocol::detail
