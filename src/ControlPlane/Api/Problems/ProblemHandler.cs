using System.Text.Json;
using ControlPlane.Storage;
using ControlPlane.Storage.Secrets;
using Microsoft.AspNetCore.Diagnostics;

namespace ControlPlane.Api.Problems;

/// <summary>Turns exceptions into problems: for programs on paths of the API, else as a page. The only place that sees them all; stack traces go to the log alone.</summary>
internal sealed partial class ProblemHandler(ILogger<ProblemHandler> logger) : IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        if (exception is OperationCanceledException && httpContext.RequestAborted.IsCancellationRequested)
        {
            httpContext.Response.StatusCode = StatusCodes.Status499ClientClosedRequest;
            return true;
        }

        var problem = ToProblem(httpContext, exception);
        httpContext.Response.StatusCode = problem.Status;
        await (ApiPaths.IsApi(httpContext.Request.Path) ? problem.ToResult(httpContext).ExecuteAsync(httpContext) : ProblemPage.WriteAsync(httpContext, problem));
        return true;
    }

    private Problem ToProblem(HttpContext http, Exception exception)
    {
        switch (exception)
        {
            case ProblemException expected:
                return expected.Problem;
            case BadHttpRequestException bad:
                return BadRequests.Explain(bad);
            case JsonException json:
                return BadRequests.Explain(json);
            case StorageUnavailableException storage:
                LogStorageUnavailable(http.Request.Method, http.Request.Path, storage.Message);
                return ApiProblems.StorageUnavailable(storage.Message, storage.IsTransient);
            case SecretUnreadableException secret:
                LogFailed(http.Request.Method, http.Request.Path, exception);
                return ApiProblems.StorageUnavailable(secret.Message, isTransient: false);
            default:
                LogFailed(http.Request.Method, http.Request.Path, exception);
                return ApiProblems.Internal(Correlation.Of(http));
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Method} {Path} was refused because the database is not available: {Reason}")]
    private partial void LogStorageUnavailable(string method, string path, string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Method} {Path} failed")]
    private partial void LogFailed(string method, string path, Exception exception);
}
