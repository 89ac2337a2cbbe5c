#pragma once

#include <concepts>
#include <cstdint>
#include <vector>

#include "core/base/ids.h"
#include "core/base/time.h"

namespace trialog {

/// Names a request whose answer may be held back.
struct Ticket : Id<Ticket, std::uint64_t> {
  using Id::Id;
};

/// What a machine behind a log decides. The node appends `records` and calls `apply` on each at
/// once, so that the next decision sees them. `after_commit` goes out when the log is committed as
/// far as it reached then, even if `records` is empty; `at_once` goes out now.
template <class Record, class Reply>
struct Decision {
  struct Answer {
    Ticket to;
    Reply reply;
  };
  std::vector<Record> records;
  std::vector<Answer> after_commit;
  std::vector<Answer> at_once;
};

/// A machine whose lasting state is exactly what `apply` made of its log. It is never rolled back:
/// a node that loses the leadership throws it away, and the next leader builds its own.
template <class M>
concept LoggedMachine = requires(M m, const M c, const typename M::Record& record, Instant now) {
  { m.apply(record) } -> std::same_as<void>;
  { m.on_time(now) } -> std::same_as<Decision<typename M::Record, typename M::Reply>>;
  { c.deadline() } -> std::same_as<Instant>;
};

}  // namespace trialog
