#pragma once

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "tests/unit/client/client_story.h"

namespace trialog::client {

inline constexpr std::int16_t produce_api = 0;

inline bool is_produce(const Asked& asked) { return asked.api == produce_api; }

/// Posts all values to one partition, then waits for their outcomes.
inline Task<void> post_all(Producer& producer, std::vector<std::string> values,
                           std::vector<SendResult>& results) {
  std::vector<Delivery> deliveries;
  for (const auto& value : values) {
    Record record("orders", value);
    record.partition = 0;
    auto delivery = co_await producer.post(std::move(record));
    deliveries.push_back(std::move(delivery));
  }
  for (const auto& delivery : deliveries) {
    auto result = co_await delivery.wait();
    results.push_back(std::move(result));
  }
}

inline Task<void> send_one(Producer& producer, Record record, SendResult& result) {
  auto sent = co_await producer.send(std::move(record));
  result = std::move(sent);
}

inline void expect_all(const std::vector<SendResult>& results, Outcome outcome) {
  for (const auto& result : results) {
    EXPECT_EQ(outcome_name(result.outcome), outcome_name(outcome))
        << (result.error ? result.error->text() : "");
  }
}

/// A log in which every value is there once, in order.
inline void expect_exactly(ClientStory& story, const std::vector<std::string>& values) {
  EXPECT_EQ(story.broker.values("orders", 0), values);
}

}  // namespace trialog::client
