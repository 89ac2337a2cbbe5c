// What `produce` and `consume` steps ask of the workload.
#include <fmt/format.h>

#include "scenarios/runner/sim_backend.h"

namespace trialog::scenarios {
namespace {

records::Codec codec_named(const std::string& name) {
  if (name == "gzip") return records::Codec::gzip;
  if (name == "snappy") return records::Codec::snappy;
  if (name == "lz4") return records::Codec::lz4;
  if (name == "zstd") return records::Codec::zstd;
  return records::Codec::none;
}

/// Takes the value out of `parsed`, or keeps the first problem and gives the type's default.
class Taker {
 public:
  template <class T>
  T operator()(Parsed<T> parsed) {
    if (parsed) return std::move(*parsed);
    if (!problem) problem = std::move(parsed.error());
    return T();
  }
  std::optional<Problem> problem;
};

}  // namespace

Parsed<ProduceOrder> SimBackend::produce_order(const Step& step) const {
  const auto partitions = partitions_named(step);
  if (!partitions) return std::unexpected(partitions.error());
  const Settings given(step);
  Taker take;
  ProduceOrder order;
  order.topic = partitions->front().topic;
  if (step.words[0].text.find('/') != std::string::npos) {
    order.partition = partitions->front().partition;
  }
  order.records = take(given.count("records", 100));
  order.keys = take(given.count("keys", 0));
  order.size = static_cast<std::size_t>(take(given.size("size", 100)));
  order.interval = take(given.duration("rate", Duration{0}));
  auto& options = order.options;
  const auto acks = take(given.choice("acks", "all", {"all", "1", "0"}));
  options.acks = acks == "0"   ? client::Acks::none
                 : acks == "1" ? client::Acks::leader
                               : client::Acks::all;
  options.enable_idempotence = take(given.flag("idempotence", options.acks == client::Acks::all));
  options.linger = take(given.duration("linger", milliseconds(5)));
  options.batch_size = static_cast<std::size_t>(take(given.size("batch", 16384)));
  options.compression = codec_named(
      take(given.choice("compression", "none", {"none", "gzip", "snappy", "lz4", "zstd"})));
  options.max_in_flight = static_cast<int>(take(given.count("in_flight", 5)));
  options.request_timeout = take(given.duration("request_timeout", seconds(5)));
  options.delivery_timeout = take(given.duration("within", seconds(120)));
  if (given.text("via")) {
    const auto via = nodes_named(step, step.settings.at("via"));
    if (!via) return std::unexpected(via.error());
    for (const auto id : *via)
      order.via.emplace_back(fmt::format("broker{}", id.value), client_port);
  }
  if (take.problem) return std::unexpected(*take.problem);
  if (options.enable_idempotence && options.acks != client::Acks::all) {
    return std::unexpected(Problem{step.line, step.verb.column, "idempotence=true wants acks=all"});
  }
  return order;
}

Parsed<ConsumeOrder> SimBackend::consume_order(const Step& step) const {
  auto partitions = partitions_named(step);
  if (!partitions) return std::unexpected(partitions.error());
  const Settings given(step);
  Taker take;
  ConsumeOrder order;
  order.partitions = std::move(*partitions);
  order.records = take(given.count("records", 0));
  order.lasting = take(given.duration("for", Duration{0}));
  const auto from = given.text("from").value_or("beginning");
  if (from == "end") {
    order.from = ConsumeOrder::From::end;
  } else if (from != "beginning") {
    order.from = ConsumeOrder::From::offset;
    order.offset = Offset(take(given.count("from", 0)));
  }
  if (take.problem) return std::unexpected(*take.problem);
  if (order.records == 0 && order.lasting == Duration{0}) {
    return std::unexpected(Problem{step.line, step.verb.column,
                                   "'consume' wants records= or for=, or it would never end"});
  }
  return order;
}

}  // namespace trialog::scenarios
