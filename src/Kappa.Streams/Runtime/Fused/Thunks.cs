using System.Reflection;
using System.Reflection.Emit;
using System.Runtime.CompilerServices;
using System.Runtime.Loader;

namespace Kappa.Streams.Runtime.Fused;

/// <summary>
/// Emits a struct for each of a job's lambdas, in an assembly of the version's own load context: an emitted assembly
/// binds types by name, and two versions have types of one name. A lambda that cannot be emitted stays a delegate.
/// </summary>
internal sealed class Thunks
{
    private readonly ModuleBuilder? _module;
    private int _made;

    public Thunks(IReadOnlyCollection<Delegate> lambdas)
    {
        if (!RuntimeFeature.IsDynamicCodeSupported || !RuntimeFeature.IsDynamicCodeCompiled)
        {
            return;
        }

        var context = lambdas
            .Select(lambda => AssemblyLoadContext.GetLoadContext(lambda.Method.Module.Assembly))
            .FirstOrDefault(context => context is not null && context != AssemblyLoadContext.Default)
            ?? AssemblyLoadContext.Default;
        using var reflection = context.EnterContextualReflection();
        var assembly = AssemblyBuilder.DefineDynamicAssembly(
            new AssemblyName("Kappa.Streams.Thunks"),
            context.IsCollectible ? AssemblyBuilderAccess.RunAndCollect : AssemblyBuilderAccess.Run);
        var allow = typeof(IgnoresAccessChecksToAttribute).GetConstructors()[0];
        foreach (var name in lambdas.SelectMany(Assemblies).Append(typeof(Thunks).Assembly)
            .Select(used => used.GetName().Name!).Distinct())
        {
            assembly.SetCustomAttribute(new CustomAttributeBuilder(allow, [name]));
        }

        _module = assembly.DefineDynamicModule("thunks");
    }

    /// <summary>A struct that is <see cref="IFunction{T, TResult}"/>, boxed.</summary>
    public object Function(Delegate lambda)
    {
        var types = lambda.GetType().GetGenericArguments();
        return Emit(lambda, typeof(IFunction<,>).MakeGenericType(types), types[0], null)
            ?? Activator.CreateInstance(typeof(CalledFunction<,>).MakeGenericType(types), lambda)!;
    }

    /// <summary>A struct that is <see cref="IFold{TState, T}"/>, boxed.</summary>
    public object Fold(Delegate lambda)
    {
        var types = lambda.GetType().GetGenericArguments()[..2];
        return Emit(lambda, typeof(IFold<,>).MakeGenericType(types), types[1], types[0])
            ?? Activator.CreateInstance(typeof(CalledFold<,>).MakeGenericType(types), lambda)!;
    }

    private object? Emit(Delegate lambda, Type contract, Type valueType, Type? stateType)
    {
        var target = lambda.Method;
        if (_module is null || lambda.GetInvocationList().Length != 1 || target.DeclaringType is not { } owner
            || target is DynamicMethod || target.Module.Assembly.IsDynamic || owner.IsValueType
            || (target.IsStatic && lambda.Target is not null))
        {
            return null;
        }

        var type = _module.DefineType(
            "Thunk" + _made++, TypeAttributes.Public | TypeAttributes.SequentialLayout | TypeAttributes.Sealed,
            typeof(ValueType), [contract]);
        var holder = type.DefineField("Target", typeof(object), FieldAttributes.Public);
        var declared = contract.GetMethod("Invoke")!;
        var method = type.DefineMethod(
            "Invoke",
            MethodAttributes.Public | MethodAttributes.Virtual | MethodAttributes.Final | MethodAttributes.HideBySig,
            declared.ReturnType, [.. declared.GetParameters().Select(parameter => parameter.ParameterType)]);
        method.SetImplementationFlags(MethodImplAttributes.AggressiveInlining);
        Body(method.GetILGenerator(), lambda, holder, valueType, stateType);
        type.DefineMethodOverride(method, declared);
        var thunk = Activator.CreateInstance(type.CreateType())!;
        thunk.GetType().GetField("Target")!.SetValue(thunk, lambda.Target);
        return thunk;
    }

    private static void Body(
        ILGenerator code, Delegate lambda, FieldBuilder holder, Type valueType, Type? stateType)
    {
        var target = lambda.Method;
        if (stateType is not null)
        {
            code.Emit(OpCodes.Ldarg_1);
        }

        if (!target.IsStatic && CapturesNothing(target))
        {
            // A lambda without captures is an instance method that never looks at its instance.
            code.Emit(OpCodes.Ldnull);
        }
        else if (!target.IsStatic)
        {
            code.Emit(OpCodes.Ldarg_0);
            code.Emit(OpCodes.Ldfld, holder);
            code.Emit(OpCodes.Castclass, target.DeclaringType!);
        }

        if (stateType is not null)
        {
            code.Emit(OpCodes.Ldarg_1);
            code.Emit(OpCodes.Ldobj, stateType);
            code.Emit(OpCodes.Ldarg_2);
        }
        else
        {
            code.Emit(OpCodes.Ldarg_1);
        }

        code.Emit(OpCodes.Ldobj, valueType);
        code.Emit(OpCodes.Call, target);
        if (stateType is not null)
        {
            code.Emit(OpCodes.Stobj, stateType);
        }

        code.Emit(OpCodes.Ret);
    }

    private static bool CapturesNothing(MethodInfo lambda) =>
        lambda.DeclaringType!.Name == "<>c"
        && lambda.DeclaringType.IsDefined(typeof(CompilerGeneratedAttribute), inherit: false)
        && lambda.DeclaringType.GetFields(
            BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic).Length == 0;

    private static IEnumerable<Assembly> Assemblies(Delegate lambda) =>
        lambda.GetType().GetGenericArguments().SelectMany(Parts).Select(type => type.Assembly)
            .Append(lambda.Method.Module.Assembly).Where(assembly => !assembly.IsDynamic);

    private static IEnumerable<Type> Parts(Type type) =>
        type.IsGenericType ? type.GetGenericArguments().SelectMany(Parts).Append(type) : [type];
}
