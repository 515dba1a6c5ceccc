namespace ControlPlane.Api.Problems;

/// <summary>Routing and the reading of bodies refuse with a bare status; the API gives those words too.</summary>
internal static class EmptyRefusals
{
    public static async Task FillAsync(HttpContext http, RequestDelegate next)
    {
        await next(http);
        var response = http.Response;
        if (response.HasStarted || response.StatusCode < 400 || response.ContentLength > 0 || response.ContentType is not null || !ApiPaths.IsApi(http.Request.Path))
        {
            return;
        }

        var problem = response.StatusCode switch
        {
            StatusCodes.Status404NotFound => ApiProblems.UnknownPath(http.Request.Path),
            StatusCodes.Status405MethodNotAllowed => ApiProblems.WrongMethod(http.Request.Method, http.Request.Path),
            var status => BadRequests.Explain(new BadHttpRequestException("refused", status)),
        };
        await problem.ToResult(http).ExecuteAsync(http);
    }
}
