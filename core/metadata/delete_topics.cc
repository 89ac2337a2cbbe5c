#include <map>

#include "core/metadata/controller.h"

namespace trialog::metadata {
namespace {

using State = protocol::DeleteTopicsRequest::DeleteTopicState;
using Answer = protocol::DeleteTopicsResponse::DeletableTopicResult;

Answer refused(const State& state, ErrorCode code, std::string text) {
  Answer answer;
  answer.name = state.name;
  answer.topic_id = state.topic_id;
  answer.error_code = code;
  answer.error_message = std::move(text);
  return answer;
}

/// What to delete, named as versions up to 5 and from 6 on do.
std::vector<State> asked_for(const protocol::DeleteTopicsRequest& request) {
  auto states = request.topics;
  for (const auto& name : request.topic_names) {
    State state;
    state.name = name;
    states.push_back(std::move(state));
  }
  return states;
}

std::optional<Refusal> malformed(const State& state) {
  if (state.name && !state.topic_id.is_zero()) {
    return Refusal{ErrorCode::invalid_request, "You may not specify both topic name and topic id."};
  }
  if (!state.name && state.topic_id.is_zero()) {
    return Refusal{ErrorCode::invalid_request, "Neither topic name nor id were specified."};
  }
  return std::nullopt;
}

Refusal unknown(const State& state) {
  if (state.name) {
    return {ErrorCode::unknown_topic_or_partition,
            "This server does not host this topic-partition."};
  }
  return {ErrorCode::unknown_topic_id, "This server does not host this topic ID."};
}

}  // namespace

Controller::Decision Controller::delete_topics(Instant, Ticket ticket,
                                               const protocol::DeleteTopicsRequest& request) {
  Decision decision;
  protocol::DeleteTopicsResponse response;
  auto& answers = response.responses;
  const auto states = asked_for(request);
  std::map<std::pair<std::optional<std::string>, Uuid>, int> times;
  for (const auto& state : states) ++times[{state.name, state.topic_id}];
  std::map<Uuid, int> topics;  // How often each is meant, be it by name or by id.
  for (const auto& state : states) {
    const auto topic = state.name ? image_.topic(*state.name) : image_.topic(state.topic_id);
    if (topic && !malformed(state)) ++topics[topic->id];
  }

  for (const auto& state : states) {
    auto& seen = times[{state.name, state.topic_id}];
    if (seen == 0) continue;  // A duplicate, answered with the first.
    const bool duplicate = seen > 1;
    seen = 0;
    const auto topic = state.name ? image_.topic(*state.name) : image_.topic(state.topic_id);
    if (!options_.delete_topics) {
      answers.push_back(
          refused(state, ErrorCode::topic_deletion_disabled, "Topic deletion is disabled."));
    } else if (auto wrong = malformed(state)) {
      answers.push_back(refused(state, wrong->code, *wrong->text));
    } else if (duplicate) {
      answers.push_back(refused(state, ErrorCode::invalid_request,
                                state.name ? "Duplicate topic name." : "Duplicate topic id."));
    } else if (!topic) {
      const auto why = unknown(state);
      answers.push_back(refused(state, why.code, *why.text));
    } else if (topics[topic->id] > 1) {
      if (!state.name) continue;  // Answered with the name.
      auto answer = refused(state, ErrorCode::invalid_request,
                            "The provided topic name maps to an ID that was already supplied.");
      answer.topic_id = topic->id;
      answers.push_back(std::move(answer));
    } else {
      protocol::RemoveTopicRecord record;
      record.topic_id = topic->id;
      decision.records.emplace_back(record);
      Answer answer;
      answer.name = topic->name;
      answer.topic_id = topic->id;
      answers.push_back(std::move(answer));
    }
  }
  decision.after_commit.push_back({ticket, std::move(response)});
  return decision;
}

}  // namespace trialog::metadata
