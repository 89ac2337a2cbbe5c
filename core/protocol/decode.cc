#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <string>

#include "core/base/uuid.h"
#include "core/protocol/codec.h"

namespace trialog::protocol::detail {
namespace {

/// Kafka's limit for strings, in both encodings.
constexpr std::int64_t string_limit = 0x7fff;
constexpr std::int64_t null_length = -1;

/// One walk over the bytes. Once a step has failed, every step returns false up to the root, and
/// each level puts its name in front of the path to the trouble.
class Decoder {
 public:
  Decoder(const Bytes& bytes, std::size_t from, std::int16_t version, bool flexible)
      : bytes_(bytes),
        at_(bytes.data() + from),
        end_(bytes.data() + bytes.size()),
        version_(version),
        flexible_(flexible) {}

  bool structure(const Schema& schema, void* message);
  std::size_t position() const { return static_cast<std::size_t>(at_ - bytes_.data()); }
  IoError trouble(const Schema& schema) const;

 private:
  /// How one value is written here.
  struct Form {
    bool flexible;
    bool null_allowed;
  };

  bool field(const Schema::Row& row, void* member);
  bool array(const Schema::Row& row, Form form, void* into);
  bool value(const Schema::Row& row, Form form, void* into);
  bool text(Form form, std::string& into);
  bool bytes(Kind kind, Form form, void* into);
  bool presence(Form form);
  bool tag_section(const Schema& schema, void* message);
  bool tagged_field(const Schema::Row& row, std::uint32_t size, void* message);

  bool length(Form form, bool is_text, std::int64_t& length);
  bool uvarint(std::uint32_t& into);
  template <class T>
  bool number(T& into);
  template <class T>
  bool number_into(void* member);

  std::size_t left() const { return static_cast<std::size_t>(end_ - at_); }
  bool ends() { return ended_ = true, false; }
  bool fail(std::string why) { return why_ = std::move(why), false; }
  bool within(std::string_view name) {
    const bool index = !path_.empty() && path_[0] == '[';
    path_.insert(0, path_.empty() || index ? "" : ".").insert(0, name);
    return false;
  }

  const Bytes& bytes_;
  const std::byte* at_;
  const std::byte* end_;
  std::int16_t version_;
  bool flexible_;
  bool null_ = false;  // The value just read is null.
  std::size_t memory_ = 0;
  bool ended_ = false;
  std::string path_;
  std::string why_;
};

IoError Decoder::trouble(const Schema& schema) const {
  const auto what = ended_ ? fmt::format("{} v{} ends inside {} at byte {}", schema.name, version_,
                                         path_, position())
                           : fmt::format("{} v{} has {} in {} at byte {}", schema.name, version_,
                                         why_, path_, position());
  return IoError(IoError::Kind::corrupt, what);
}

template <class T>
bool Decoder::number(T& into) {
  if (left() < sizeof(T)) return ends();
  std::memcpy(&into, at_, sizeof(T));
  at_ += sizeof(T);
  if constexpr (sizeof(T) == 2) into = __builtin_bswap16(into);
  if constexpr (sizeof(T) == 4) into = __builtin_bswap32(into);
  if constexpr (sizeof(T) == 8) into = __builtin_bswap64(into);
  return true;
}

template <class T>
bool Decoder::number_into(void* member) {
  T bits;
  if (!number(bits)) return false;
  std::memcpy(member, &bits, sizeof(T));
  return true;
}

bool Decoder::uvarint(std::uint32_t& into) {
  std::uint64_t v = 0;
  for (int i = 0; i < 5; ++i) {
    if (at_ == end_) return ends();
    const auto byte = std::to_integer<std::uint64_t>(*at_++);
    v |= (byte & 127) << (7 * i);
    if ((byte & 128) != 0) continue;
    if (v > 0xffffffffull) break;
    into = static_cast<std::uint32_t>(v);
    return true;
  }
  return fail("an unsigned varint of more than 32 bits");
}

/// -1 is null, and is allowed then.
bool Decoder::length(Form form, bool is_text, std::int64_t& length) {
  std::uint32_t bits = 0;
  std::uint16_t short_bits = 0;
  if (form.flexible) {
    if (!uvarint(bits)) return false;
    length = static_cast<std::int64_t>(bits) - 1;
  } else if (is_text) {
    if (!number(short_bits)) return false;
    length = static_cast<std::int16_t>(short_bits);
  } else {
    if (!number(bits)) return false;
    length = static_cast<std::int32_t>(bits);
  }
  if (length < null_length) return fail(fmt::format("the length {}", length));
  null_ = length == null_length;
  if (null_ && !form.null_allowed) return fail("null where this version has no null");
  return true;
}

bool Decoder::text(Form form, std::string& into) {
  std::int64_t size;
  if (!length(form, true, size)) return false;
  if (null_) return true;
  if (size > string_limit) return fail(fmt::format("a string of {} bytes", size));
  if (left() < static_cast<std::size_t>(size)) return ends();
  into.assign(reinterpret_cast<const char*>(at_), static_cast<std::size_t>(size));
  at_ += size;
  return true;
}

bool Decoder::bytes(Kind kind, Form form, void* into) {
  std::int64_t size;
  if (!length(form, false, size)) return false;
  if (null_) return true;
  const auto count = static_cast<std::size_t>(size);
  if (left() < count) return ends();
  auto slice = bytes_.slice(position(), count);
  at_ += count;
  if (kind == Kind::records) {
    static_cast<Chain*>(into)->append(std::move(slice));
  } else {
    *static_cast<Bytes*>(into) = std::move(slice);
  }
  return true;
}

/// The byte in front of a structure that may be null.
bool Decoder::presence(Form form) {
  if (!form.null_allowed) return true;
  std::uint8_t mark;
  if (!number(mark)) return false;
  null_ = static_cast<std::int8_t>(mark) < 0;
  return true;
}

bool Decoder::value(const Schema::Row& row, Form form, void* into) {
  switch (row.member.kind) {
    case Kind::boolean: {
      std::uint8_t byte;
      if (!number(byte)) return false;
      *static_cast<bool*>(into) = byte != 0;
      return true;
    }
    case Kind::int8:
      return number_into<std::uint8_t>(into);
    case Kind::int16:
    case Kind::uint16:
      return number_into<std::uint16_t>(into);
    case Kind::int32:
    case Kind::uint32:
      return number_into<std::uint32_t>(into);
    case Kind::int64:
    case Kind::float64:
      return number_into<std::uint64_t>(into);
    case Kind::uuid:
      if (left() < sizeof(Uuid)) return ends();
      std::memcpy(static_cast<Uuid*>(into)->bytes.data(), at_, sizeof(Uuid));
      at_ += sizeof(Uuid);
      return true;
    case Kind::string:
      return text(form, *static_cast<std::string*>(into));
    case Kind::bytes:
    case Kind::records:
      return bytes(row.member.kind, form, into);
    case Kind::structure:
      return presence(form) && (null_ || structure(*row.nested, into));
  }
  return false;
}

bool Decoder::array(const Schema::Row& row, Form form, void* into) {
  std::int64_t size;
  if (!length(form, false, size)) return false;
  if (null_) return true;
  const auto count = static_cast<std::size_t>(size);
  if (count > left() / std::max(1u, row.least_value_size(version_))) {
    return fail(fmt::format("an array of {} where {} bytes are left", count, left()));
  }
  memory_ += count * row.member.stride;
  if (memory_ > decoded_memory_limit) return fail("more elements than memory is given for");
  form.null_allowed = false;
  std::byte* at = row.member.resize(into, count);
  for (std::size_t i = 0; i < count; ++i, at += row.member.stride) {
    if (!value(row, form, at)) return within(fmt::format("[{}]", i));
  }
  return true;
}

bool Decoder::field(const Schema::Row& row, void* member) {
  const Form form{flexible_ && !row.never_flexible, row.null_allowed.contains(version_)};
  void* const into = row.member.optional ? row.member.emplace(member) : member;
  null_ = false;
  const bool done = row.member.array ? array(row, form, into) : value(row, form, into);
  if (!done) return within(row.name);
  if (null_) row.member.reset(member);
  null_ = false;
  return true;
}

bool Decoder::structure(const Schema& schema, void* message) {
  for (const auto& row : schema.rows) {
    if (!row.present.contains(version_) || row.tagged_in.contains(version_)) continue;
    if (!field(row, schema.member(row, message))) return false;
  }
  return !flexible_ || tag_section(schema, message);
}

bool Decoder::tagged_field(const Schema::Row& row, std::uint32_t size, void* member) {
  const auto* const end = std::exchange(end_, at_ + size);
  if (!field(row, member)) return false;
  if (at_ != end_) return fail(fmt::format("{} bytes left over", left())), within(row.name);
  end_ = end;
  return true;
}

/// Tags that we do not know are skipped; a newer peer may send them.
bool Decoder::tag_section(const Schema& schema, void* message) {
  std::uint32_t count, tag, size;
  std::uint64_t seen = 0;
  if (!uvarint(count)) return within("tags");
  for (; count > 0; --count) {
    if (!uvarint(tag) || !uvarint(size)) return within("tags");
    if (size > left()) return ends(), within("tags");
    const auto found = std::ranges::find_if(schema.tagged, [&](const Schema::Row* row) {
      return row->tag == static_cast<int>(tag) && row->tagged_in.contains(version_);
    });
    if (found == schema.tagged.end()) {
      at_ += size;
      continue;
    }
    if ((seen >> tag & 1) != 0) return fail(fmt::format("tag {} twice", tag)), within("tags");
    seen |= std::uint64_t{1} << tag;
    if (!tagged_field(**found, size, schema.member(**found, message))) return false;
  }
  return true;
}

}  // namespace

Result<std::size_t> decode(const Schema& schema, const Bytes& bytes, std::size_t from,
                           std::int16_t version, void* message) {
  if (!schema.api.valid.contains(version)) {
    return failure(IoError::Kind::corrupt, fmt::format("{} has no v{}", schema.name, version));
  }
  if (from > bytes.size()) from = bytes.size();
  Decoder decoder(bytes, from, version, schema.api.flexible.contains(version));
  if (!decoder.structure(schema, message)) return failure(decoder.trouble(schema));
  return decoder.position();
}

Status decode_all(const Schema& schema, const Bytes& bytes, std::int16_t version, void* message) {
  const auto end = decode(schema, bytes, 0, version, message);
  if (!end) return failure(end.error());
  if (*end == bytes.size()) return {};
  return failure(IoError::Kind::corrupt,
                 fmt::format("{} v{} ends at byte {}, but {} bytes follow", schema.name, version,
                             *end, bytes.size() - *end));
}

}  // namespace trialog::protocol::detail
