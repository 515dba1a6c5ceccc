using ControlPlane.Engine.Execution;
using ControlPlane.Kafka.Connections;
using ControlPlane.Kafka.Protocol;

namespace ControlPlane.Connectivity;

/// <summary>What became of a change that was sent to a broker: done, refused, certainly not sent, or not known.</summary>
internal static class ChangeAnswers
{
    public static async Task<(AnswerKind Kind, string? Error)> OutcomeAsync(Func<Task> send)
    {
        try
        {
            await send();
            return (AnswerKind.Accepted, null);
        }
        catch (KafkaException ex)
        {
            return (KindOf(ex.ErrorCode), $"{ex.ErrorCode.KafkaName()}: {ex.Message}");
        }
        catch (KafkaConnectionException ex)
        {
            return (ex.OutcomeUnknown ? AnswerKind.Unknown : AnswerKind.NotSent, ex.Message);
        }
        catch (OperationCanceledException)
        {
            return (AnswerKind.Unknown, "no answer in time");
        }
    }

    public static AnswerKind KindOf(ErrorCode error) => error switch
    {
        ErrorCode.None => AnswerKind.Accepted,
        ErrorCode.ElectionNotNeeded => AnswerKind.Refused, // retriable by its kind, but Kafka will say so again
        ErrorCode.RequestTimedOut or ErrorCode.NetworkException or ErrorCode.UnknownServerError => AnswerKind.Unknown,
        _ => error.IsRetriable() ? AnswerKind.NotSent : AnswerKind.Refused,
    };
}
